// Defaults of the options from the environment: SLURM_SIF_VERIFY for --sif-verify, and so on. In
// srun, sbatch and salloc, as the user.
//
// Slurm knows defaults of its own, under names that nobody can remember; ours are given to it under
// those while it reads the options. So its order holds for ours too: #SBATCH lines, then the
// environment, then the command line, the last one wins; and the nodes hear of them as of any
// option.
#pragma once

#include <string_view>

namespace sifguard {

enum class Default { none, taken, bad };

/// Gives Slurm the default of option `name` ("sif-verify"), unless its own or, in the shell of an
/// salloc that was given the option, the salloc's is there. An empty variable is none. For a flag
/// 1, yes, true and on set it; 0, no, false and off do not; anything else is bad. Says nothing: a
/// bad default matters to who asks for an image.
[[nodiscard]] Default take_default(const char* name, bool is_flag) noexcept;

/// Whether `text` is what the option's variable says.
[[nodiscard]] bool is_default(const char* name, std::string_view text) noexcept;

/// Says on stderr what is wrong with the option's variable.
void complain_of_default(const char* name, const char* problem) noexcept;

/// Takes it out of the environment again, so that the job does not inherit what we put there.
void forget_default(const char* name) noexcept;

/// Whether the environment carries the option from an enclosing salloc.
[[nodiscard]] bool is_inherited(const char* name) noexcept;

}  // namespace sifguard
