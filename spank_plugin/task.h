// One task's way into its container. slurmstepd and the tasks it forks.
#pragma once

#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// slurm_spank_init_post_opt in slurmstepd (root): whether the node enforces images for the step,
/// and what its tasks will share.
void begin_step(spank_t spank) noexcept;

/// slurm_spank_task_post_fork (slurmstepd, root), when all tasks are forked and none goes on yet.
void end_fork() noexcept;

/// slurm_spank_user_init (slurmstepd, effectively the user): the one moment when the job's
/// directory is ours too. A task that Slurm put into a namespace of the job's is at / afterwards.
void remember_job_directory() noexcept;

/// slurm_spank_task_init_privileged (the forked task, root): a private mount namespace, and the
/// helper's answer, which is remembered. Both are the same for all tasks of the step on this node.
void prepare_task(spank_t spank) noexcept;

/// slurm_spank_task_init (the same process, now irrevocably the user): puts the launcher before the
/// task's command, or says why not and ends the task.
void hand_over_task(spank_t spank) noexcept;

/// slurm_spank_task_exit (slurmstepd, root). A task that a signal ended took the container's
/// processes along at any moment of theirs: the helper then looks for what cannot die, and for
/// leftovers.
void note_end(spank_t spank) noexcept;

}  // namespace sifguard
