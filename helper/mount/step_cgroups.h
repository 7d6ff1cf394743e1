// Moves a process out of the step's cgroups, because Slurm kills, freezes and limits everything in
// them. Root.
//
// Format: cgroups(7). Version 2 is one tree, in which we have a group of our own, `sifguard`.
// Version 1 has a tree for each controller, all in one directory; there the process moves to the
// root of each tree.
#pragma once

#include <sys/types.h>

#include <string>

namespace sifguard {

inline constexpr const char* kCgroups = "/sys/fs/cgroup";

/// `cgroups`: where the node's cgroups are mounted. False when the process stays, in one tree or
/// all, where it was: it then ends with the step's tasks at the latest, which is acceptable.
bool leave_step_cgroups(pid_t process, const std::string& cgroups);

}  // namespace sifguard
