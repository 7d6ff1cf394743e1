// The limits that srun and sbatch propagate, for a task that Slurm does not start itself. The task,
// as the user.
#pragma once

namespace sifguard {

/// Sets the soft limits that SLURM_RLIMIT_… variables name, as far as the hard ones let it, and
/// returns the other variables: a list of its own (free() it), the strings are the caller's. Null
/// without memory.
[[nodiscard]] char** propagate_limits(char** environment) noexcept;

}  // namespace sifguard
