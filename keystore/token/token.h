// An RSA private key in a PKCS#11 token (PKCS#11 2.40), found by its URI (RFC 7512). Runs in
// sifguard-token: the token's library is loaded into this process.
//
// p11-kit knows the tokens' libraries of the system; `module-path=` in the URI names another.
// Decryption is the token's own RSA-OAEP with SHA-256 or, in tokens that have it with SHA-1 only
// (SoftHSM is one), its bare RSA with the padding taken off here.
#pragma once

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <memory>
#include <string>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

class Token {
 public:
  /// Errors: Code::usage for a URI that is malformed or fits several keys; Code::unavailable when
  /// the token, the key or the library is not there, or the PIN is not accepted.
  [[nodiscard]] static Result<Token> open(const std::string& uri);

  [[nodiscard]] Result<std::string> public_pem() const;
  /// Errors: Code::refused for what does not decrypt.
  [[nodiscard]] Result<SecretBytes> decrypt_oaep(std::span<const std::byte> cipher) const;

 private:
  struct Library;
  struct LibraryDeleter {
    void operator()(Library* library) const noexcept;
  };
  Token() = default;
  [[nodiscard]] Status load(P11KitUri* uri);
  [[nodiscard]] Status find_slot(P11KitUri* uri);
  [[nodiscard]] Status log_in();
  [[nodiscard]] Status find_key(P11KitUri* uri);
  [[nodiscard]] Result<std::vector<std::byte>> attribute(CK_ATTRIBUTE_TYPE type,
                                                         const char* what) const;
  [[nodiscard]] Status begin(CK_MECHANISM* mechanism, CK_RV& refused) const;
  Status check_range(std::span<const std::byte> cipher) const;
  [[nodiscard]] Result<SecretBytes> finish(std::span<const std::byte> cipher) const;

  std::unique_ptr<Library, LibraryDeleter> library_;
  CK_FUNCTION_LIST* module_ = nullptr;  ///< the one of the token
  CK_SLOT_ID slot_ = 0;
  bool wants_login_ = false;
  std::string pin_source_;
  CK_SESSION_HANDLE session_ = 0;
  CK_OBJECT_HANDLE key_ = 0;
};

}  // namespace sifguard
