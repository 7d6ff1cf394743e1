// A read-only file system that is not visible until it is placed. Root, in a mount namespace of the
// task's own.
//
// Linux 5.2 can mount without a place (fsopen). Before that, the file system is mounted in a
// scratch directory and unmounted there at once: open descriptors of it stay valid, and placing it
// mounts the same device again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "keystore/base/fd.h"

namespace sifguard {

struct MountSpec {
  const char* type = "squashfs";
  std::string source;
  std::vector<std::pair<std::string, std::string>> options;  ///< an empty value: a flag
  bool executable = true;                                    ///< programs in it may be run
  bool root_is_file = false;                                 ///< it is one file
};

class DetachedMount {
 public:
  /// `scratch`: an existing directory of root's in this namespace, used before Linux 5.2 alone.
  /// Errors: Code::refused if the kernel does not accept the source as such a file system,
  /// Code::config if the kernel does not have or forbids the type, Code::temporary if there is too
  /// little memory.
  [[nodiscard]] static Result<DetachedMount> make(MountSpec spec, const std::string& scratch);

  /// The root of it; openat() and /proc/self/fd lead into it.
  [[nodiscard]] int fd() const noexcept { return root_.get(); }
  /// Shows files of root as those of (uid, gid). False where the kernel cannot (squashfs before
  /// 6.2): they stay root's. Call it before place().
  [[nodiscard]] bool show_root_as(uid_t uid, gid_t gid);
  /// False before Linux 5.2: place() mounts it again, which is impossible for one that is served by
  /// FUSE.
  [[nodiscard]] bool is_movable() const noexcept { return movable_; }
  /// Puts it on an existing directory. Errors: Code::internal.
  Status place(const std::string& directory) const;

 private:
  DetachedMount(MountSpec spec, UniqueFd root, bool movable)
      : spec_(std::move(spec)), root_(std::move(root)), movable_(movable) {}
  MountSpec spec_;
  UniqueFd root_;
  bool movable_;  ///< else place() mounts it again
};

}  // namespace sifguard
