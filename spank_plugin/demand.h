// The demand for an image that travels with a step's command, so that a node without the plugin
// cannot run the command on the host. srun, as the user; slurmstepd, root.
//
// Slurm only warns in slurmd's log of an option that a node does not know, and runs the command.
// So srun's side puts a path before the command, where no user can make a file, and the node's side
// takes it away again if it has got the option. Where nobody takes it away, the task ends because
// the file does not exist; Slurm prints its name, which says what is wrong.
//
// SPANK gives no way to change a command in srun. What it gives is Slurm's own array of the words,
// from which srun makes the message to the nodes right after slurm_spank_local_user_init.
#pragma once

#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// What the command's path begins with on its way to the nodes.
inline constexpr char kDemand[] =
    "/--sif-verify did not reach a sifguard plugin on this node; command: /";

/// In srun, for slurm_spank_local_user_init: puts the demand before the command, once for each
/// component of a heterogeneous step. False where the command must stay as it is: with
/// --multi-prog nodes read the programs from a file before any plugin runs, and with --bcast srun
/// still needs the path and frees it.
[[nodiscard]] bool put_demand(spank_t spank) noexcept;

/// In srun, for slurm_spank_exit: gives Slurm its own strings back.
void give_back_commands() noexcept;

/// In slurmstepd, before the tasks are forked, of a step that asks for an image: takes the demand
/// away, in place. Commands without one stay as they are: those of batch scripts, and of an older
/// srun.
void take_demand(spank_t spank) noexcept;

}  // namespace sifguard
