// Starts sifguard-publish, which does the work of `sifctl image publish`. Runs with the rights of
// the admin.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Runs the program with `arguments` (without argv[0]), this process's standard streams, an
/// environment of its own, and waits without a limit. If it fails, its own Error is returned and
/// has not been printed yet, so that both the user and the log of changes get it. `output`:
/// receives its standard output, or nullptr. Errors: those of the program; Code::unavailable if it
/// is not trustworthy or cannot be started; Code::internal if a signal ends it.
Status run_publish_program(const std::vector<std::string>& arguments, std::string* output);

}  // namespace sifguard
