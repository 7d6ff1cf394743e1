// Makes slurmstepd of an enforced step unable to start programs once it has forked the tasks. Root.
//
// With srun --task-epilog, Slurm lets users name a program that slurmstepd runs, as the user and on
// the host, when a task has ended. No hook runs before it, so a system call filter refuses it.
#pragma once

namespace sifguard {

/// Call it in slurm_spank_init_post_opt, before the fork: makes memory that the tasks share with
/// slurmstepd.
void remember_slurmstepd() noexcept;

/// Call it in slurm_spank_task_post_fork, which runs before any task continues: the processes that
/// slurmstepd starts from now on cannot execute anything (seccomp; EPERM).
void forbid_programs() noexcept;

/// In a task: whether that has been done. It is impossible where Slurm runs the hook in another
/// process than slurmstepd (SlurmdParameters=contain_spank).
[[nodiscard]] bool are_programs_forbidden() noexcept;

}  // namespace sifguard
