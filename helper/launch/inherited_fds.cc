// Which descriptors of slurmstepd's reach the runtime. The launcher, as the user.
#include "helper/launch/inherited_fds.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <memory>
#include <vector>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace sifguard {
namespace {

bool mark_range(unsigned first, unsigned last) {
  return first > last || ::syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC) == 0;
}

/// From `first` on, one by one, as /proc lists them: for kernels before 5.11, which cannot mark a
/// range, and before 5.9, which cannot close one.
Result<std::vector<int>> listed_from(int first) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/fd"), ::closedir);
  if (!directory) return fail_errno(Code::internal, "cannot list open descriptors", errno);
  std::vector<int> open;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name(entry->d_name);
    int fd = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), fd);
    const bool listing = fd == ::dirfd(directory.get());  // which is closed at the end
    if (parsed.ec == std::errc{} && fd >= first && !listing) open.push_back(fd);
  }
  return open;
}

Status mark_listed(std::optional<int> keep) {
  SG_TRY(const std::vector<int> open, listed_from(STDERR_FILENO + 1));
  for (const int fd : open) {
    if (fd != keep && ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return fail_errno(Code::internal, "cannot mark a descriptor close-on-exec", errno);
    }
  }
  return {};
}

bool close_listed(int first) {
  const auto open = listed_from(first);
  if (!open) return false;
  for (const int fd : *open) ::close(fd);
  return true;
}

}  // namespace

std::optional<int> parse_pmi_fd(std::string_view value) noexcept {
  int fd = 0;
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, fd);
  if (parsed.ec != std::errc{} || parsed.ptr != end || fd <= STDERR_FILENO) return std::nullopt;
  return fd;
}

Status close_on_exec_except(std::optional<int> keep) {
  const unsigned first = STDERR_FILENO + 1;
  bool marked = false;
  if (keep) {
    const auto kept = static_cast<unsigned>(*keep);
    marked = mark_range(first, kept - 1) && mark_range(kept + 1, UINT_MAX);
  } else {
    marked = mark_range(first, UINT_MAX);
  }
  if (!marked) return mark_listed(keep);
  return {};
}

bool close_all_from(int first) {
  return ::syscall(SYS_close_range, static_cast<unsigned>(first), UINT_MAX, 0U) == 0 ||
         close_listed(first);
}

}  // namespace sifguard
