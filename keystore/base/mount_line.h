// A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

struct MountLine {
  std::string device;       ///< MAJOR:MINOR of the filesystem
  std::string root, point;  ///< of what is mounted, in its filesystem; where
  bool shared = false;      ///< what is mounted below it is seen in other namespaces, too
  std::string type;         ///< "ext4", "fuse.squashfuse"
};

/// nullopt for what is no such line.
[[nodiscard]] std::optional<MountLine> parse_mount_line(std::string_view line);

}  // namespace sifguard
