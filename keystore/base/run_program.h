// Running a program of the system's for its answer: systemd-creds, our own token reader. The
// caller's privilege.
//
// The program is checked like everything that is obeyed (trusted_file.h), and is a child as in
// child.h, with no descriptor but 0, 1 and 2.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

struct ProgramRun {
  std::string program;                   ///< absolute
  std::vector<std::string> arguments;    ///< without argv[0]; everybody can see them
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::span<const std::byte> input;      ///< at most 4096 bytes
  std::size_t output_limit = 0;          ///< one byte more is an error
  int timeout_ms = 0;
  int input_fd = -1;        ///< what it reads, instead of `input`; for more, and nothing secret
  int output_fd = -1;       ///< what it writes to, without a limit here; then nothing is returned
  bool tells_code = false;  ///< a program of ours, whose status says what kind its error is of
};

/// What the program wrote to its standard output. Errors: Code::unavailable when it is missing, not
/// trustworthy or fails, with the end of what it said on its standard error; Code::temporary when
/// it takes too long (it is killed), or no process is left for it; with `tells_code` the program's
/// own error.
[[nodiscard]] Result<SecretBytes> run_program(const ProgramRun& run);

/// The path of a program of ours: beside this one, where it has not been installed, in bin/ beside
/// this one's sbin/, else where installation puts programs that are not for people.
[[nodiscard]] std::string own_program(const std::string& name);

}  // namespace sifguard
