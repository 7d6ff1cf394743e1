// Runs a program of the system and returns its answer: systemd-creds, our own token reader. The
// caller's privilege.
//
// The program must be a trusted file (trusted_file.h). It runs as a child as in child.h, with only
// the descriptors 0, 1 and 2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "keystore/base/child.h"
#include "keystore/base/secret.h"

namespace sifguard {

struct ProgramRun {
  std::string program;                   ///< absolute
  std::vector<std::string> arguments;    ///< without argv[0]; everybody can see them
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::span<const std::byte> input;      ///< at most 4096 bytes
  std::size_t output_limit = 0;          ///< a longer output is an error
  int timeout_ms = 0;
  int input_fd = -1;   ///< its input, instead of `input`; for more bytes, which must not be secret
  int output_fd = -1;  ///< its output, without a limit here; then nothing is returned
  bool tells_code =
      false;  ///< it is our own program, whose exit status gives the code of its error
  std::optional<Identity> identity = {};  ///< for root: whom it runs as; absent: as the caller
  std::string speaker = {};  ///< a line that begins so says why it failed, rather than the last one
};

/// What the program wrote to its standard output. Errors: Code::unavailable when it is missing, not
/// trustworthy or fails, with the end of its standard error; Code::temporary when it takes too long
/// (it is then killed) or no process can be started; with `tells_code` the program's own error.
[[nodiscard]] Result<SecretBytes> run_program(const ProgramRun& run);

/// The path of one of our programs: beside this one if it is not installed, else in bin/ beside
/// this one's sbin/, else in the directory of installed programs that are not for people.
[[nodiscard]] std::string own_program(const std::string& name);

}  // namespace sifguard
