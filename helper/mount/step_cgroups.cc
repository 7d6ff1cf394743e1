// Out of the step's cgroups: Slurm kills, freezes and bounds all that is in them. Root.
#include "helper/mount/step_cgroups.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr const char* kMembers = "/cgroup.procs";

bool move_into(const std::string& group, pid_t process) {
  const UniqueFd members(::open((group + kMembers).c_str(), O_WRONLY | O_CLOEXEC));
  return members.valid() && write_all(members.get(), std::to_string(process), group).has_value();
}

/// One that is there already is as good.
bool move_into_our_own(const std::string& tree, pid_t process) {
  const std::string own = tree + "/sifguard";
  ::mkdir(own.c_str(), 0755);
  return move_into(own, process) || move_into(tree, process);
}

bool is_group(const std::string& directory) {
  return ::access((directory + kMembers).c_str(), F_OK) == 0;
}

}  // namespace

bool leave_step_cgroups(pid_t process, const std::string& cgroups) {
  if (is_group(cgroups)) return move_into_our_own(cgroups, process);
  bool found = false;
  bool left = true;
  std::error_code none;
  for (const auto& tree : std::filesystem::directory_iterator(cgroups, none)) {
    // Controllers that share a tree have names that lead there.
    if (tree.is_symlink(none) || !is_group(tree.path().native())) continue;
    found = true;
    left = move_into(tree.path().native(), process) && left;
  }
  return found && left;
}

}  // namespace sifguard
