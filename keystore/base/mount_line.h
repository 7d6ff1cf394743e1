// A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

struct MountLine {
  std::string device;  ///< MAJOR:MINOR of the file system
  std::string root,
      point;  ///< root: the mounted directory in its file system; point: where it is mounted
  bool shared = false;  ///< mounts below it are also visible in other namespaces
  std::string type;     ///< "ext4", "fuse.squashfuse"
};

/// nullopt if it is not such a line.
[[nodiscard]] std::optional<MountLine> parse_mount_line(std::string_view line);

}  // namespace sifguard
