// A private key in a PKCS#11 token (PKCS#11 2.40), found by its URI (RFC 7512): RSA keys decrypt,
// RSA and EC keys sign. Runs in sifguard-token: the token's library is loaded into this process.
//
// p11-kit knows the tokens' libraries of the system; `module-path=` in the URI names another.
// Decryption is the token's own RSA-OAEP with SHA-256 or, in tokens that have it with SHA-1 only
// (such as SoftHSM) or without a label, plain RSA, and the padding is removed here. Signatures are
// made over a digest that is computed outside: PKCS#1 v1.5 (CKM_RSA_PKCS) and ECDSA (CKM_ECDSA),
// which every token has.
#pragma once

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <memory>
#include <string>
#include <vector>

#include "keystore/base/secret.h"
#include "keystore/token/pin.h"

namespace sifguard {

enum class TokenUse { decrypt, sign };

class Token {
 public:
  /// `given`: the PIN; null: the one in the file that the URI names. Errors: Code::usage for a URI
  /// that is malformed or names no PIN file; Code::absent when there is no such key, several match,
  /// or the PIN file is missing; Code::unavailable when the token or the library is missing, or a
  /// PIN is not accepted or not tried; Code::refused for a key that is neither RSA nor EC.
  [[nodiscard]] static Result<Token> open(const std::string& uri, TokenUse use,
                                          const GivenPin* given = nullptr);
  /// Whether the token requires a PIN: "no", "yes", or "few" after a wrong one (COUNT_LOW). Errors:
  /// those of open(), and of check_tries().
  [[nodiscard]] static Result<std::string> wanted_pin(const std::string& uri);

  /// SubjectPublicKeyInfo. Errors: Code::refused for a weak RSA key or a curve without a name.
  [[nodiscard]] Result<std::string> public_pem() const;
  /// Errors: Code::refused for ciphertext that does not decrypt.
  [[nodiscard]] Result<SecretBytes> decrypt_oaep(std::span<const std::byte> cipher,
                                                 std::span<const std::byte> label) const;
  /// `digest`: SHA-256 or SHA-384, according to its size. The signature is as in certificates: for
  /// EC the DER ECDSA-Sig-Value (RFC 3279 2.2.3). Errors: Code::unavailable.
  [[nodiscard]] Result<std::vector<std::byte>> sign(std::span<const std::byte> digest) const;

 private:
  struct Library;
  struct LibraryDeleter {
    void operator()(Library* library) const noexcept;
  };
  Token() = default;
  /// The token, not yet logged in to.
  [[nodiscard]] static Result<Token> find(P11KitUri* uri);
  [[nodiscard]] Status load(P11KitUri* uri);
  [[nodiscard]] Status find_slot(P11KitUri* uri);
  [[nodiscard]] Status log_in();
  [[nodiscard]] Result<CK_TOKEN_INFO> token_info(const std::string& what) const;
  [[nodiscard]] Status log_in_as(CK_USER_TYPE user, const std::string& what) const;
  [[nodiscard]] Status find_key(P11KitUri* uri, TokenUse use);
  [[nodiscard]] Status learn_type();
  [[nodiscard]] Result<std::vector<CK_OBJECT_HANDLE>> find_objects(
      std::vector<CK_ATTRIBUTE> wanted) const;
  [[nodiscard]] Result<std::vector<std::byte>> attribute(CK_ATTRIBUTE_TYPE type,
                                                         const char* what) const;
  [[nodiscard]] Result<std::vector<std::byte>> attribute_of(CK_OBJECT_HANDLE object,
                                                            CK_ATTRIBUTE_TYPE type,
                                                            const char* what) const;
  [[nodiscard]] Result<std::string> rsa_public_pem() const;
  [[nodiscard]] Result<std::string> ec_public_pem() const;
  [[nodiscard]] Status log_in_for_use() const;
  [[nodiscard]] Status begin(CK_MECHANISM* mechanism, CK_RV& refused) const;
  Status check_range(std::span<const std::byte> cipher) const;
  [[nodiscard]] Result<SecretBytes> finish(std::span<const std::byte> cipher) const;

  std::unique_ptr<Library, LibraryDeleter> library_;
  CK_FUNCTION_LIST* module_ = nullptr;  ///< that of the token
  CK_SLOT_ID slot_ = 0;
  bool wants_login_ = false;
  std::string pin_source_;
  const GivenPin* given_ = nullptr;
  CK_SESSION_HANDLE session_ = 0;
  CK_OBJECT_HANDLE key_ = 0;
  CK_KEY_TYPE type_ = CKK_RSA;
};

/// "WHAT: the message of p11-kit", Code::unavailable.
[[nodiscard]] tl::unexpected<Error> fail_token(const std::string& what, CK_RV value,
                                               std::string remedy = {});

}  // namespace sifguard
