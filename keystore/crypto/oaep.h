// RSA-OAEP as Singularity and Apptainer use it: SHA-256, MGF1 with SHA-256 (RFC 8017 7.1); they use
// no label. Any privilege.
#pragma once

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string_view>

#include "keystore/crypto/openssl.h"

namespace sifguard {

using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

/// The label is copied.
[[nodiscard]] inline bool set_oaep_label(EVP_PKEY_CTX* context, std::string_view label) noexcept {
  if (label.empty()) return true;
  void* const copy = OPENSSL_memdup(label.data(), label.size());
  if (copy != nullptr &&
      EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, static_cast<int>(label.size())) == 1) {
    return true;  // the context frees it
  }
  OPENSSL_free(copy);
  return false;
}

[[nodiscard]] inline bool set_oaep(EVP_PKEY_CTX* context, std::string_view label) noexcept {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 && set_oaep_label(context, label);
}

}  // namespace sifguard
