// Runs a program on the terminal as exec would, but sifctl waits for its end and records it. Runs
// with the rights of the admin.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Runs `words` (the first is an absolute path, which the caller has checked) with this process's
/// environment, directory and standard error, `output_fd` as its output, and /dev/null as its
/// input: the standard input of sifctl may be the list of a shell's loop, which srun would read for
/// its tasks. A signal that would end sifctl is passed to the program instead, so that sifctl ends
/// when the program has. Returns its exit status, or 128 plus the number of the signal that ended
/// it. Errors: Code::unavailable when it cannot be started.
[[nodiscard]] Result<int> run_in_foreground(const std::vector<std::string>& words, int output_fd);

}  // namespace sifguard
