// RSA-OAEP as Singularity and Apptainer use it: SHA-256, MGF1 with SHA-256, no label (RFC 8017
// 7.1). Any privilege.
#pragma once

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "keystore/crypto/openssl.h"

namespace sifguard {

using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

[[nodiscard]] inline bool set_oaep(EVP_PKEY_CTX* context) noexcept {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

}  // namespace sifguard
