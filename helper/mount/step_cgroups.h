// Out of the step's cgroups: Slurm kills, freezes and bounds all that is in them. Root.
//
// Format: cgroups(7). Version 2 is one tree, in which we have a group of our own, `sifguard`;
// version 1 is a tree for each controller, all in one directory, of which a process takes the
// roots.
#pragma once

#include <sys/types.h>

#include <string>

namespace sifguard {

inline constexpr const char* kCgroups = "/sys/fs/cgroup";

/// `cgroups`: where the node's are mounted. False when it stays, in one tree or all, where it was:
/// it then ends with the step's tasks at the latest, which is no fault.
bool leave_step_cgroups(pid_t process, const std::string& cgroups);

}  // namespace sifguard
