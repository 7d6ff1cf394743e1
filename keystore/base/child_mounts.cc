// What a forked child does to its own mount namespace. Root.
#include "keystore/base/child_mounts.h"

#include <fcntl.h>
#include <mntent.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>

// The C library has neither the call nor its structure before glibc 2.36, and the kernel's header
// does not go with the library's everywhere.
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

namespace sifguard {
namespace {

constexpr unsigned long kMemoryFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/// struct mount_attr of linux/mount.h.
struct MountAttributes {
  std::uint64_t set = 0, clear = 0, propagation = 0, user_namespace = 0;
};
constexpr std::uint64_t kReadOnly = 1;   // MOUNT_ATTR_RDONLY
constexpr std::uint64_t kNoSetuid = 2;   // MOUNT_ATTR_NOSUID
constexpr unsigned kRecursive = 0x8000;  // AT_RECURSIVE

long set_attributes(int directory, const char* path, const MountAttributes& attributes) noexcept {
  return ::syscall(SYS_mount_setattr, directory, path, kRecursive, &attributes, sizeof attributes);
}

struct Option {
  const char* name;
  unsigned long flag;
};
constexpr std::array kKept = {Option{"nodev", MS_NODEV}, Option{"noexec", MS_NOEXEC},
                              Option{"noatime", MS_NOATIME}, Option{"nodiratime", MS_NODIRATIME},
                              Option{"relatime", MS_RELATIME}};

unsigned long flags_of(const mntent& mount) {
  unsigned long flags = 0;
  for (const Option& option : kKept) {
    if (::hasmntopt(&mount, option.name) != nullptr) flags |= option.flag;
  }
  return flags;
}

/// One that cannot be reached by its path (covered, gone, another user's FUSE) is reached by nobody
/// in here.
bool remount(const MountPoint& point) noexcept {
  constexpr unsigned long kRestricted = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID;
  return ::mount(nullptr, point.path.c_str(), nullptr, kRestricted | point.flags, nullptr) == 0 ||
         errno == ENOENT || errno == EINVAL || errno == EACCES;
}

}  // namespace

Result<std::vector<MountPoint>> list_mount_points() {
  std::vector<MountPoint> points;
  if (set_attributes(-1, "", {}) == 0 || errno != ENOSYS) return points;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> list(::setmntent("/proc/self/mounts", "re"),
                                                             ::endmntent);
  if (!list) return fail_errno(Code::internal, "cannot read /proc/self/mounts", errno);
  std::vector<char> text(1U << 16U);  // paths of 4096 bytes, each written as four, and the rest
  mntent entry{};
  while (::getmntent_r(list.get(), &entry, text.data(), static_cast<int>(text.size())) != nullptr) {
    points.push_back({entry.mnt_dir, flags_of(entry)});
  }
  if (std::ferror(list.get()) != 0) return fail(Code::internal, "cannot read /proc/self/mounts");
  return points;
}

bool make_read_only(std::span<const MountPoint> one_by_one) noexcept {
  if (::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (one_by_one.empty()) return set_attributes(AT_FDCWD, "/", {kReadOnly | kNoSetuid}) == 0;
  for (const MountPoint& point : one_by_one) {
    if (!remount(point)) return false;
  }
  return true;
}

bool mount_own_proc(bool is_init) noexcept {
  constexpr unsigned long kFlags = kMemoryFlags | MS_RDONLY;
  // Kernels before 5.8 do not know the word, and so do not take it for the whole node.
  return (is_init && ::mount("proc", "/proc", "proc", kFlags, nullptr) == 0) ||
         ::mount("proc", "/proc", "proc", kFlags, "hidepid=invisible") == 0 ||
         ::mount("none", "/proc", "tmpfs", kFlags, "mode=0555,size=4k") == 0;
}

bool cover_with_memory(const char* directory) noexcept {
  return ::mount("tmpfs", directory, "tmpfs", kMemoryFlags,
                 "mode=0755,size=32m,nr_inodes=1024,noswap") == 0 ||
         ::mount("tmpfs", directory, "tmpfs", kMemoryFlags,
                 "mode=0755,size=32m,nr_inodes=1024") == 0;  // kernels before 6.4
}

}  // namespace sifguard
