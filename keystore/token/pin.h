// The PIN of a token, and the memory of a refused one. Runs in sifguard-token.
//
// A token locks itself after some wrong PINs, and launches would ask it at every question. So a PIN
// that was refused is not tried again until its file is written anew (or touched, when the token's
// PIN was set right): beside the file, PATH.refused.SERIAL says which state of it was refused by
// which token. A PIN that a person's own tool hands over (GivenPin) is remembered so, too, if it is
// out of a file. What the token itself warns of is heeded (PKCS#11 2.40, 3.2, CK_TOKEN_INFO):
// nothing is tried in the last try or when locked, and with few tries left only what can be
// remembered, or was typed.
#pragma once

#include <p11-kit/pkcs11.h>
#include <sys/stat.h>

#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/secret.h"

namespace sifguard {

/// A PIN that the one who asks has read.
struct GivenPin {
  SecretBytes pin;
  std::string file;  ///< out of which it is; "" for a pipe or a terminal
  bool typed = false;
};

/// Errors: Code::unavailable when the token is locked, or one wrong PIN away from it.
Status check_tries(const CK_TOKEN_INFO& token);
[[nodiscard]] bool has_few_tries(const CK_TOKEN_INFO& token) noexcept;

/// One try of a PIN. Others wait to try the same file until this ends.
class PinTry {
 public:
  /// Reads the file that `source`, the pin-source of a URI (RFC 7512 2.4: a path or a file: URI),
  /// names, without line ends. Errors: Code::config unless it is for its owner alone;
  /// Code::unavailable when it is not to be tried.
  [[nodiscard]] static Result<PinTry> begin(const std::string& source, const CK_TOKEN_INFO& token);

  [[nodiscard]] static Result<PinTry> begin(const GivenPin& given, const CK_TOKEN_INFO& token);

  [[nodiscard]] const SecretBytes& pin() const noexcept { return pin_; }
  /// What C_Login made of it. Gives no error for CKR_OK; otherwise `what` and the reason.
  Status end(CK_RV value, const std::string& what);

 private:
  PinTry() = default;
  void know_file(const struct stat& file, const CK_TOKEN_INFO& token);
  [[nodiscard]] Status check_memory(bool must_remember);
  [[nodiscard]] bool remember() const;
  void forget() const noexcept;

  std::string path_, memory_, state_;
  UniqueFd file_;
  SecretBytes pin_;
};

}  // namespace sifguard
