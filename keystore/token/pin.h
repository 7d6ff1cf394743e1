// The PIN of a token, and the memory of a refused one. Runs in sifguard-token.
//
// A token locks itself after some wrong PINs, and every launch would try one. So a PIN that was
// refused is not tried again until its file is rewritten (or touched, when the token's PIN was
// corrected): a file beside it, PATH.refused.SERIAL, says which state of the file was refused by
// which token. A PIN that a user's tool passes (GivenPin) is remembered in the same way if it comes
// from a file.
//
// Warnings of the token itself are respected (PKCS#11 2.40, 3.2, CK_TOKEN_INFO), because it counts
// the tries of every program on every host: no PIN is tried when only one try is left or the token
// is locked, and after a wrong PIN (COUNT_LOW, until somebody logs in with the right one) only a
// typed one. A file that was not tried for that reason is remembered, too, so that it is tried once
// when it is touched.
#pragma once

#include <p11-kit/pkcs11.h>
#include <sys/stat.h>

#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/secret.h"

namespace sifguard {

/// A PIN that the calling program has read.
struct GivenPin {
  SecretBytes pin;
  std::string file;  ///< the file that it comes from; "" for a pipe or a terminal
  bool typed = false;
};

/// Errors: Code::unavailable when the token is locked, or one wrong PIN away from it.
Status check_tries(const CK_TOKEN_INFO& token);
/// Whether a wrong PIN was tried since the last right one.
[[nodiscard]] bool is_warned(const CK_TOKEN_INFO& token) noexcept;

/// One try of a PIN. Other processes that try the same file wait until this ends.
class PinTry {
 public:
  /// Reads the file that `source`, the pin-source of a URI (RFC 7512 2.4: a path or a file: URI),
  /// names, without line ends. Errors: Code::absent when it is missing, Code::config if anybody but
  /// its owner can read it; Code::unavailable when it must not be tried.
  [[nodiscard]] static Result<PinTry> begin(const std::string& source, const CK_TOKEN_INFO& token);

  [[nodiscard]] static Result<PinTry> begin(const GivenPin& given, const CK_TOKEN_INFO& token);

  [[nodiscard]] const SecretBytes& pin() const noexcept { return pin_; }
  /// Records the result of C_Login. Returns no error for CKR_OK; otherwise Code::unavailable with
  /// `what` and the reason.
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
