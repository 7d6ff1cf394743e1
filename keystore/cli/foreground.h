// A program that takes over the terminal until it ends, as it would after exec, while sifctl stays
// to record how it ended. Runs with the rights of the admin.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Runs `words` (the first is an absolute path, which the caller has checked) with this process's
/// environment and directory, its errors, `output_fd` for its output, and /dev/null to read: what
/// sifctl's caller has there is the caller's, such as the list of a loop, and srun would take it
/// for its tasks. A signal that would end sifctl goes to the program instead; who waits for its end
/// waits for the program's. Its exit status; of one that a signal ended 128 and the signal. Errors:
/// Code::unavailable when it cannot be started.
[[nodiscard]] Result<int> run_in_foreground(const std::vector<std::string>& words, int output_fd);

}  // namespace sifguard
