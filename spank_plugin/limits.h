// The limits that srun and sbatch propagate, for a task that Slurm does not start itself. The task,
// as the user.
#pragma once

namespace sifguard {

/// Sets the soft limits that SLURM_RLIMIT_… variables name, as far as the hard limits allow, and
/// returns the other variables in a new list (free() it); its strings belong to the caller. Null
/// without memory.
[[nodiscard]] char** propagate_limits(char** environment) noexcept;

}  // namespace sifguard
