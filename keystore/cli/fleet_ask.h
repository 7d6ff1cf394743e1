// Asks the nodes of a cluster through Slurm: a job of root's for each node, several at once. The
// rights of the admin; srun does the work.
//
// A job for each node and not one for all, because Slurm starts a job when all its nodes are free,
// and ends it when one of them fails.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/cli/fleet.h"
#include "keystore/policy/config.h"

namespace sifguard {

struct FleetPlan {
  std::string nodes;              ///< as Slurm writes them; empty: all
  std::vector<std::string> srun;  ///< more options for srun
  int wait_s = 30;                ///< for a free CPU of a node
  int at_once = 16;
};

/// Every node of the plan, in Slurm's order, answered or not. Errors: Code::denied if the
/// caller is not root; Code::unavailable if Slurm's
/// programs are missing or slurmctld does not answer; Code::absent if there is no such node at all.
[[nodiscard]] Result<std::vector<FleetNode>> ask_fleet(const Config& config, const FleetPlan& plan);

/// The same from a directory with a file for each node, named like it, with what
/// sifguard-node-status printed there. Errors: those of reading the directory.
[[nodiscard]] Result<std::vector<FleetNode>> read_fleet(const std::string& directory);

}  // namespace sifguard
