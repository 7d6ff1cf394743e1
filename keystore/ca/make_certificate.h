// Certificates and revocation lists as a CA signs them (RFC 5280). Any privilege; their content
// comes from the profile and the admin, never from a request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keystore/ca/ca_key.h"
#include "keystore/ca/profile.h"
#include "keystore/x509/handles.h"

namespace sifguard {

/// A CA that signs: its certificate and private key.
struct Issuer {
  Certificate certificate;
  CaKey key;
};

struct CertificateOptions {
  std::string serial;              ///< lower-case hexadecimal
  std::string subject;             ///< policy/subject_name.h
  std::vector<std::string> names;  ///< general_name.h
  std::int64_t from = 0, until = 0;
  const EVP_PKEY* key = nullptr;  ///< only its public half is used
  std::string crl_url, ocsp_url;  ///< "" for none

  // For a CA only.
  std::optional<int> path_length = std::nullopt;
  std::vector<std::string> permitted = {}, excluded = {};
};

/// A self-signed certificate of a CA. Errors: Code::usage for names, Code::internal; those of
/// CaKey::sign().
[[nodiscard]] Result<Certificate> make_root(const CertificateOptions& options, const CaKey& key);
[[nodiscard]] Result<Certificate> make_certificate(Profile profile,
                                                   const CertificateOptions& options,
                                                   const Issuer& issuer);

struct RevokedEntry {
  std::string serial;
  std::int64_t at = 0;
  std::string reason;  ///< of key_state.h
};
/// A full list, version 2, of what `issuer` issued.
struct CrlOptions {
  std::int64_t number = 0;
  std::int64_t from = 0, until = 0;
  std::vector<RevokedEntry> revoked;
};
[[nodiscard]] Result<CertificateRevocationList> make_crl(const CrlOptions& options,
                                                         const Issuer& issuer);
[[nodiscard]] Result<std::string> crl_pem(const X509_CRL* crl);
[[nodiscard]] Result<std::string> crl_der(const X509_CRL* crl);

/// CRLReason (RFC 5280 5.3.1) of a name of key_state.h; 0, unspecified, for any other.
[[nodiscard]] int crl_reason(std::string_view name) noexcept;

/// 128 random bits, 32 lower-case hexadecimal digits of which the first two are not 00. Errors:
/// Code::internal.
[[nodiscard]] Result<std::string> random_serial();

}  // namespace sifguard
