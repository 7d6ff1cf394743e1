// The mount calls of Linux 5.2 and later, which no C library of our floor has. Root.
#include "helper/mount/mount_calls.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Not in the headers of every kernel that we build on; the same numbers on all architectures.
#ifndef SYS_move_mount
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

namespace sifguard::mount_calls {
namespace {

constexpr unsigned kCloseOnExec = 1;       // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
constexpr unsigned kSetFlag = 0;           // FSCONFIG_SET_FLAG
constexpr unsigned kSetString = 1;         // FSCONFIG_SET_STRING
constexpr unsigned kCreate = 6;            // FSCONFIG_CMD_CREATE
constexpr unsigned kFromEmptyPath = 4;     // MOVE_MOUNT_F_EMPTY_PATH
constexpr std::uint64_t kIdMap = 1 << 20;  // MOUNT_ATTR_IDMAP

struct MountAttributes {
  std::uint64_t set, clear, propagation, user_namespace;
};

}  // namespace

int open_filesystem(const char* type) noexcept {
  return static_cast<int>(::syscall(SYS_fsopen, type, kCloseOnExec));
}

int set_string(int filesystem, const char* name, const char* value) noexcept {
  return static_cast<int>(::syscall(SYS_fsconfig, filesystem, kSetString, name, value, 0));
}

int set_flag(int filesystem, const char* name) noexcept {
  return static_cast<int>(::syscall(SYS_fsconfig, filesystem, kSetFlag, name, nullptr, 0));
}

int create(int filesystem) noexcept {
  return static_cast<int>(::syscall(SYS_fsconfig, filesystem, kCreate, nullptr, nullptr, 0));
}

int mount_detached(int filesystem, std::uint32_t attributes) noexcept {
  return static_cast<int>(::syscall(SYS_fsmount, filesystem, kCloseOnExec, attributes));
}

int place(int mount, const char* path) noexcept {
  return static_cast<int>(::syscall(SYS_move_mount, mount, "", AT_FDCWD, path, kFromEmptyPath));
}

int map_ids(int mount, int user_namespace) noexcept {
  const MountAttributes attributes = {kIdMap, 0, 0, static_cast<std::uint64_t>(user_namespace)};
  return static_cast<int>(
      ::syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
}

}  // namespace sifguard::mount_calls
