// Owned OpenSSL objects of X.509, CRLs and OCSP. Any privilege.
#pragma once

#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <limits>

#include "keystore/crypto/openssl.h"

namespace sifguard {

using CertificateRevocationList = Owned<X509_CRL, X509_CRL_free>;
using OcspResponse = Owned<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using OcspBasicResponse = Owned<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using OcspCertificateId = Owned<OCSP_CERTID, OCSP_CERTID_free>;
using GeneralNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Digits = Owned<BIGNUM, BN_free>;

/// The largest time, for minima of expiry times.
inline constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

/// Another reference to a certificate.
[[nodiscard]] inline Certificate shared(X509* certificate) noexcept {
  X509_up_ref(certificate);
  return Certificate(certificate);
}

}  // namespace sifguard
