// Defaults of the options from the environment: SLURM_SIF_VERIFY for --sif-verify, and so on. In
// srun, sbatch and salloc, as the user.
//
// Slurm itself reads defaults from variables with names that are hard to remember; ours are copied
// to those names while it reads the options. So Slurm's order applies to ours, too: #SBATCH lines,
// then the environment, then the command line, and the last one wins; and the nodes receive them
// like any option.
#pragma once

#include <string_view>

namespace sifguard {

enum class Default { none, taken, bad };

/// Gives Slurm the default of option `name` ("sif-verify"), unless Slurm's own variable is set or,
/// in the shell of an salloc that was given the option, that of the salloc. An empty variable
/// counts as unset. A flag is set by 1, yes, true and on, and not set by 0, no, false and off;
/// anything else is bad. This prints nothing, because a bad default only matters if an image is
/// asked for.
[[nodiscard]] Default take_default(const char* name, bool is_flag) noexcept;

/// Whether `text` is the value of the option's variable.
[[nodiscard]] bool is_default(const char* name, std::string_view text) noexcept;

/// Prints on stderr what is wrong with the option's variable.
void complain_of_default(const char* name, const char* problem) noexcept;

/// Removes the default from the environment again, so that the job does not inherit it.
void forget_default(const char* name) noexcept;

/// Whether the environment carries the option from an enclosing salloc.
[[nodiscard]] bool is_inherited(const char* name) noexcept;

}  // namespace sifguard
