// Other tools (openssl, gpg) as the makers of test data. Tests only.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/secret.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard::test {

/// Exit status of a shell command run in the directory, its output thrown away.
inline int run(const TempDir& dir, const std::string& command) {
  const std::string line =
      "cd '" + dir.path().string() + "' && exec >log 2>&1 </dev/null; umask 077; " + command;
  const int status = std::system(line.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

inline SecretBytes secret(std::string_view text) {
  return SecretBytes::copy_of(as_bytes(text)).value();
}

inline SecretBytes secret_file(const std::string& path) {
  return secret(read_file(path));
}

inline std::string text(const SecretBytes& secret) {
  return std::string(as_text(secret.bytes()));
}

}  // namespace sifguard::test
