// The source of a password: a file, an inherited descriptor, or a prompt on the terminal; never
// argv or the environment, which other users and later processes can see. Runs as the admin.
#pragma once

#include <CLI/App.hpp>
#include <array>
#include <optional>
#include <string>

#include "keystore/base/secret.h"

namespace sifguard {

class PasswordSource {
 public:
  /// Adds --password-file and --password-fd to `command`, or PREFIX-file and PREFIX-fd for another
  /// `prefix`. Returns them.
  std::array<CLI::Option*, 2> offer(CLI::App* command, const std::string& prefix = "--password");
  [[nodiscard]] bool given() const noexcept { return !file_.empty() || fd_.has_value(); }
  /// Reads it from the given option, else asks on the terminal. One trailing line end is dropped.
  /// Errors: Code::usage when there is neither; Code::no_input when it cannot be read.
  [[nodiscard]] Result<SecretBytes> read(const std::string& what) const;
  /// The same for a new password, which is asked for twice on the terminal. Errors: also
  /// Code::usage for one that is too short (base/passphrase.h).
  [[nodiscard]] Result<SecretBytes> read_new(const std::string& what) const;

 private:
  [[nodiscard]] Result<SecretBytes> given_one() const;
  std::string prefix_;
  std::string file_;
  std::optional<int> fd_;
};

}  // namespace sifguard
