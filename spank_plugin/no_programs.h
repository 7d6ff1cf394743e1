// slurmstepd of an enforced step starts no programs any more once it has forked the tasks. Root.
//
// Slurm lets users name a program that slurmstepd runs, as them and on the host, when a task has
// ended: srun --task-epilog. No hook comes before it, so the kernel is told to refuse.
#pragma once

namespace sifguard {

/// slurm_spank_init_post_opt, before the fork: memory that the tasks share with slurmstepd.
void remember_slurmstepd() noexcept;

/// slurm_spank_task_post_fork, which comes before any task goes on: the processes that slurmstepd
/// starts from now on cannot execute anything (seccomp; EPERM).
void forbid_programs() noexcept;

/// In a task: whether that has been done. It cannot be where Slurm runs the hook in another process
/// than slurmstepd (SlurmdParameters=contain_spank).
[[nodiscard]] bool are_programs_forbidden() noexcept;

}  // namespace sifguard
