// Starting sifguard-publish, which does the work of `sifctl image publish`. Runs with the rights of
// the admin.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Runs the program with `arguments` (without argv[0]), this process's standard streams, an
/// environment of its own, and waits, however long it takes. What it fails for comes back as its
/// own Error, unsaid so far, for the one who asked and for the log of changes alike. `output`: what
/// it writes to its standard output, if that is wanted here; else nullptr.
/// Errors: as above; Code::unavailable if it is not trustworthy or cannot be started;
/// Code::internal if a signal ends it.
Status run_publish_program(const std::vector<std::string>& arguments, std::string* output);

}  // namespace sifguard
