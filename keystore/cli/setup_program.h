// The programs of this host that `sifctl setup` starts. The rights of the admin, unless the run
// names an identity.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/run_program.h"

namespace sifguard {

/// A run with an environment of its own, to which only SLURM_CONF is passed on.
[[nodiscard]] ProgramRun setup_program(std::string program, std::vector<std::string> arguments,
                                       int timeout_ms);

}  // namespace sifguard
