// sifguard-opener: opens the image and streams its bytes. Runs as the job's owner, with the owner's
// groups, in the task's mount namespace, and decides nothing.
//
// It is installed execute-only (0711), so that the kernel keeps it undumpable and the owner's other
// processes can neither trace it nor rewrite its memory; it checks that before it says anything.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "helper/stage/open_path.h"
#include "helper/stage/opener_protocol.h"
#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr int kOpening = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

bool is_pseudo(std::uint64_t type) noexcept {
  switch (type) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case SECURITYFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
    case BPF_FS_MAGIC:
      return true;
    default:
      return false;
  }
}

std::int64_t nanoseconds(const struct statx_timestamp& time) noexcept {
  return time.tv_sec * 1000000000 + time.tv_nsec;
}

/// The kernel's own name for the open file, if that name leads to this very file.
bool canonical_name(int fd, const struct statx& file, std::array<char, kPathBytes>& name) noexcept {
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  const ssize_t length = ::readlink(link.data(), name.data(), name.size() - 1);
  if (length <= 0 || name[0] != '/') return false;
  name[static_cast<std::size_t>(length)] = '\0';
  struct statx named {};
  return ::statx(AT_FDCWD, name.data(), AT_SYMLINK_NOFOLLOW, STATX_INO, &named) == 0 &&
         named.stx_ino == file.stx_ino && named.stx_dev_major == file.stx_dev_major &&
         named.stx_dev_minor == file.stx_dev_minor;
}

int describe(const OpenRequest& request, OpenReport& report) noexcept {
  const auto failed = [&](OpenStatus status, int detail) {
    report.status = status;
    report.detail = detail;
    return -1;
  };
  if (::geteuid() != 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1) {
    return failed(OpenStatus::traceable, 0);
  }
  if (request.image[0] != '/' && ::chdir(request.directory.data()) != 0) {
    return failed(OpenStatus::directory_failed, errno);
  }
  UniqueFd fd(open_without_magic_links(request.image.data(), kOpening));
  if (!fd.valid()) return failed(OpenStatus::open_failed, errno);
  struct statx file {};
  if (::statx(fd.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &file) != 0) {
    return failed(OpenStatus::open_failed, errno);
  }
  if (!S_ISREG(file.stx_mode)) return failed(OpenStatus::not_regular, file.stx_mode & S_IFMT);
  struct statfs filesystem {};
  if (::fstatfs(fd.get(), &filesystem) != 0) return failed(OpenStatus::open_failed, errno);
  report.filesystem = static_cast<std::uint64_t>(filesystem.f_type);
  static_assert(sizeof filesystem.f_fsid == sizeof report.filesystem_id);
  std::memcpy(&report.filesystem_id, &filesystem.f_fsid, sizeof report.filesystem_id);
  if (is_pseudo(report.filesystem)) return failed(OpenStatus::pseudo_filesystem, 0);
  if (!canonical_name(fd.get(), file, report.canonical)) return failed(OpenStatus::no_path, 0);
  report.device = (static_cast<std::uint64_t>(file.stx_dev_major) << 32U) | file.stx_dev_minor;
  report.inode = file.stx_ino;
  report.size = file.stx_size;
  report.modified_ns = nanoseconds(file.stx_mtime);
  report.changed_ns = nanoseconds(file.stx_ctime);
  report.status = OpenStatus::opened;
  return fd.release();
}

/// Moves pages into the pipe without copying where the file system can, else by read and write.
int stream(int fd) noexcept {
  constexpr std::size_t kPiece = 1U << 20U;
  for (;;) {
    const ssize_t moved = ::splice(fd, nullptr, kOpenerDataFd, nullptr, kPiece, SPLICE_F_MOVE);
    if (moved == 0) return 0;
    if (moved < 0 && errno == EINVAL) break;
    if (moved < 0 && errno != EINTR) return 1;
  }
  static std::array<std::byte, 65536> buffer;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got == 0) return 0;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return 1;
    const std::span<const std::byte> piece(buffer.data(), static_cast<std::size_t>(got));
    if (!write_all(kOpenerDataFd, piece, "data pipe")) return 1;
  }
}

int run() {
  OpenRequest request{};
  std::size_t have = 0;
  while (have < sizeof request) {
    const ssize_t got =
        ::read(kOpenerControlFd, reinterpret_cast<char*>(&request) + have, sizeof request - have);
    if (got <= 0) return 1;
    have += static_cast<std::size_t>(got);
  }
  request.directory.back() = request.image.back() = '\0';
  OpenReport report;
  const UniqueFd fd(describe(request, report));
  if (!write_all(kOpenerControlFd, std::as_bytes(std::span(&report, 1)), "control")) return 1;
  std::uint8_t answer = 0;
  if (!fd.valid() || ::read(kOpenerControlFd, &answer, 1) != 1 || answer != kStream) return 0;
  return stream(fd.get());
}

}  // namespace
}  // namespace sifguard

int main() {
  return sifguard::run();
}
