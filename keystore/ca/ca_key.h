// The private key of an authority: in OpenSSL's memory, or in a PKCS#11 token that signs with it
// (crypto/token_key.h). The owner of the keystore, on the CA's host.
#pragma once

#include <string>

#include "keystore/ca/key_algorithm.h"
#include "keystore/x509/handles.h"

namespace sifguard {

class CaKey {
 public:
  CaKey() = default;
  /// A key with its private half.
  explicit CaKey(Pkey key) : key_(std::move(key)) {}
  /// Asks the token for the public half, and for a signature that matches it. Errors: Code::usage
  /// for an invalid URI; Code::unavailable, as the token says; Code::refused for a key that is too
  /// weak.
  [[nodiscard]] static Result<CaKey> find_in_token(const std::string& uri);
  /// Opens the key from what the keystore stores, which is stored(), and the certificate beside it.
  /// A token is not asked yet. Errors: Code::config when the two are visibly not of one key.
  [[nodiscard]] static Result<CaKey> open(const SecretBytes& stored, X509* certificate);

  /// The key with its private half, or the public half of a key in a token.
  [[nodiscard]] EVP_PKEY* pkey() const noexcept { return key_.get(); }
  /// The URI of a key in a token; empty for a key in memory.
  [[nodiscard]] const std::string& token_uri() const noexcept { return token_uri_; }
  /// PKCS#8 PEM, not encrypted; for a key in a token its URI.
  [[nodiscard]] Result<SecretBytes> stored() const;

  /// Sets the algorithm and the signature. Errors: Code::unavailable, as the token says;
  /// Code::internal.
  Status sign(X509* certificate) const;
  Status sign(X509_CRL* crl) const;
  /// A signature as in certificates, which has been verified with the public half.
  [[nodiscard]] Result<std::string> sign(std::string_view message) const;

 private:
  Pkey key_;
  std::string token_uri_;
};

/// Whether `key` made `signature`, with the algorithm that it uses in certificates.
[[nodiscard]] bool is_signed(EVP_PKEY* key, std::string_view message, std::string_view signature);

}  // namespace sifguard
