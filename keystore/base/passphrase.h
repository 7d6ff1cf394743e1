// Reads a password or passphrase from a file, an inherited descriptor, or a prompt on the terminal;
// never from argv or the environment, which other users and later processes can see. Any program
// that people run.
#pragma once

#include <string>

#include "keystore/base/secret.h"

namespace sifguard {

/// The content of `file`, a regular file or a pipe, without one trailing line end; at most 1 KiB.
/// Errors: Code::no_input, or Code::refused when it is longer.
[[nodiscard]] Result<SecretBytes> read_passphrase_file(const std::string& file);
[[nodiscard]] Result<SecretBytes> read_passphrase_fd(int fd);

/// The shortest new password, in bytes.
inline constexpr std::size_t kMinNewPassword = 8;
/// Errors: Code::usage for a shorter one.
Status check_new_password(const SecretBytes& password);

/// What to say when asking.
struct PassphrasePrompt {
  std::string prompt;  ///< "Password for my.pfx: "
  std::string needed;  ///< the error without a terminal: "a password is needed for my.pfx"
  std::string remedy;  ///< and what to do then: "give --password-file"
};

/// Asks on the controlling terminal, which does not echo meanwhile; ^C cancels. A signal that ends
/// or stops the process takes effect after echo was restored; a process that is continued asks
/// again. Errors: Code::usage when there is no terminal or the person cancelled.
[[nodiscard]] Result<SecretBytes> ask_passphrase(const PassphrasePrompt& prompt);

}  // namespace sifguard
