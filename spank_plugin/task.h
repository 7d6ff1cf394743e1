// Brings a task into its container. slurmstepd and the tasks that it forks.
#pragma once

#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// slurm_spank_init_post_opt in slurmstepd (root): determines whether the node enforces images for
/// the step, and makes what its tasks will share.
void begin_step(spank_t spank) noexcept;

/// slurm_spank_task_post_fork (slurmstepd, root), when all tasks are forked and none has continued
/// yet.
void end_fork() noexcept;

/// slurm_spank_user_init (slurmstepd, effectively the user): the only moment when this process has
/// the job's working directory. A task that Slurm put into a namespace of the job is at /
/// afterwards.
void remember_job_directory() noexcept;

/// slurm_spank_task_init_privileged (the forked task, root): gets a private mount namespace and the
/// helper's answer, and remembers the answer. Both are the same for all tasks of the step on this
/// node.
void prepare_task(spank_t spank) noexcept;

/// slurm_spank_task_init (the same process, now irrevocably the user): puts the launcher before the
/// task's command, or says why not and ends the task.
void hand_over_task(spank_t spank) noexcept;

/// slurm_spank_task_exit (slurmstepd, root). When a signal ended a task, the container's processes
/// were killed at an arbitrary moment: the helper then looks for processes that cannot be killed,
/// and for leftovers.
void note_end(spank_t spank) noexcept;

}  // namespace sifguard
