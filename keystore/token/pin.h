// The PIN of a token, and the memory of a refused one. Runs in sifguard-token.
//
// A token locks itself after some wrong PINs, and launches would ask it at every question. So a PIN
// that was refused is not tried again until its file is written anew (or touched, when the token's
// PIN was set right): beside the file, PATH.refused.SERIAL says which state of it was refused by
// which token. A PIN that a person's own tool hands over (GivenPin) is remembered so, too, if it is
// out of a file.
//
// What the token itself warns of is heeded (PKCS#11 2.40, 3.2, CK_TOKEN_INFO), since it counts what
// every program on every host tries: nothing is tried in the last try or when locked, and after a
// wrong PIN (COUNT_LOW, until somebody logs in with the right one) only what was typed. A file
// that was held back so is remembered as well, so that it has a try when it is touched.
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
/// Whether a wrong PIN was given since the last right one.
[[nodiscard]] bool is_warned(const CK_TOKEN_INFO& token) noexcept;

/// One try of a PIN. Others wait to try the same file until this ends.
class PinTry {
 public:
  /// Reads the file that `source`, the pin-source of a URI (RFC 7512 2.4: a path or a file: URI),
  /// names, without line ends. Errors: Code::absent when it is not there, Code::config unless it is
  /// for its owner alone; Code::unavailable when it is not to be tried.
  [[nodiscard]] static Result<PinTry> begin(const std::string& source, const CK_TOKEN_INFO& token);

  [[nodiscard]] static Result<PinTry> begin(const GivenPin& given, const CK_TOKEN_INFO& token);

  [[nodiscard]] const SecretBytes& pin() const noexcept { return pin_; }
  /// What C_Login made of it. Gives no error for CKR_OK; otherwise Code::unavailable, `what` and
  /// the reason.
  Status end(CK_RV value, const std::string& what);

 private:
  PinTry() = default;
  void know_file(const struct stat& file, const CK_TOKEN_INFO& token);
  [[nodiscard]] Status check(const CK_TOKEN_INFO& token, bool typed);
  [[nodiscard]] Status check_warned(const std::string& known) const;
  [[nodiscard]] std::string recall() const;
  [[nodiscard]] bool remember(const std::string& state) const;
  void forget() const noexcept;

  std::string path_, memory_, state_;
  UniqueFd file_;
  SecretBytes pin_;
  bool is_warned_ = false;
};

}  // namespace sifguard
