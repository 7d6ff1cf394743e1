// Programs of this host that are not ours: Slurm's, the container runtime. The rights of the admin,
// unless a run names an identity.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/run_program.h"
#include "keystore/policy/config.h"

namespace sifguard {

/// A run with an environment of its own, to which only SLURM_CONF is passed on.
[[nodiscard]] ProgramRun host_program(std::string program, std::vector<std::string> arguments,
                                      int timeout_ms);

/// The standard output of `program argument`. Errors: those of run_program().
[[nodiscard]] Result<std::string> ask_program(const std::string& program,
                                              const std::string& argument);

/// The path of a program of Slurm: they are in the directory of squeue.
[[nodiscard]] std::string slurm_program(const Config& config, const std::string& name);

}  // namespace sifguard
