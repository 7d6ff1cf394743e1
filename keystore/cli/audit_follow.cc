// The end of an audit log, and the records that follow it. Runs with the rights of the admin.
#include "keystore/cli/audit_follow.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/open_error.h"

namespace sifguard {
namespace {

constexpr long kPauseNs = 200'000'000;

struct Follower {
  UniqueFd fd;
  std::uint64_t offset = 0;
  std::string rest;  ///< of a line whose end is not there yet

  /// What was added since. False when `each` had enough.
  Result<bool> drain(const std::string& path,
                     const std::function<bool(std::string_view line)>& each) {
    std::array<char, 65536> chunk;
    for (;;) {
      const ssize_t got = ::pread(fd.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno(Code::no_input, "cannot read " + path, errno);
      if (got == 0) return true;
      offset += static_cast<std::uint64_t>(got);
      rest.append(chunk.data(), static_cast<std::size_t>(got));
      std::size_t start = 0;
      for (std::size_t end = rest.find('\n'); end != std::string::npos;
           end = rest.find('\n', start)) {
        if (!each(std::string_view(rest).substr(start, end - start))) return false;
        start = end + 1;
      }
      rest.erase(0, start);
    }
  }
};

}  // namespace

Status follow_log(const std::string& path, std::uint64_t offset,
                  const std::function<bool(std::string_view line)>& each) {
  Follower follower;
  follower.offset = offset;
  for (;;) {
    struct stat named {};
    struct stat ours {};
    const bool there = ::stat(path.c_str(), &named) == 0;
    if (follower.fd.valid()) {
      SG_TRY(const bool more, follower.drain(path, each));
      if (!more) return {};
      if (::fstat(follower.fd.get(), &ours) != 0) return fail_errno(Code::no_input, path, errno);
      if (static_cast<std::uint64_t>(ours.st_size) < follower.offset) follower.offset = 0;
    }
    const bool moved = follower.fd.valid() && there &&
                       (named.st_ino != ours.st_ino || named.st_dev != ours.st_dev);
    if (there && (moved || !follower.fd.valid())) {
      if (moved) follower = {};
      follower.fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
      if (!follower.fd.valid() && errno != ENOENT) {
        return fail_open(Code::no_input, path, errno);
      }
      continue;
    }
    const struct timespec pause = {0, kPauseNs};
    ::nanosleep(&pause, nullptr);
  }
}

}  // namespace sifguard
