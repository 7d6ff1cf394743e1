// What a program of this host prints. The rights of the admin.
#pragma once

#include <string>

#include "keystore/base/error.h"
#include "keystore/policy/config.h"

namespace sifguard {

/// The standard output of `program argument`. Errors: those of run_program().
[[nodiscard]] Result<std::string> ask_program(const std::string& program,
                                              const std::string& argument);

/// The path of a program of Slurm: they are in the directory of squeue.
[[nodiscard]] std::string slurm_program(const Config& config, const std::string& name);

}  // namespace sifguard
