// Locks that root waits for, and the processes that hold them. Root on nodes.
//
// Sources: fcntl_locking(2), proc_pid_stat(5), and the kernel's documentation of both freezers: a
// frozen process that is moved into a group that is not frozen runs.
#include "keystore/base/lock_holders.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/clock.h"
#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxLocks = std::size_t{4} << 20U;

std::string text_of(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return {};
  return read_to_end(fd.get(), kMaxLocks, path).value_or("");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct flock record_lock(short type) noexcept {
  struct flock record {};  // of the whole file
  record.l_type = type;
  record.l_whence = SEEK_SET;
  return record;
}

enum class Announced { yes, cannot, by_another };

/// Who may not write, as in a directory, announces himself beside others.
Announced announce(int fd, short type = F_WRLCK) noexcept {
  struct flock record = record_lock(type);
  if (::fcntl(fd, F_SETLK, &record) == 0) return Announced::yes;
  if (errno == EACCES || errno == EAGAIN) return Announced::by_another;
  return errno == EBADF && type == F_WRLCK ? announce(fd, F_RDLCK) : Announced::cannot;
}

void withdraw(int fd) noexcept {
  struct flock record = record_lock(F_UNLCK);
  ::fcntl(fd, F_SETLK, &record);
}

/// 0 when nobody is known, or nobody that this process can see.
pid_t holder_of(int fd) noexcept {
  struct flock record = record_lock(F_WRLCK);
  const bool held = ::fcntl(fd, F_GETLK, &record) == 0 && record.l_type != F_UNLCK;
  return held && record.l_pid > 1 ? record.l_pid : 0;
}

/// 'T' of a process that a signal has stopped; 0 when it is gone.
char state_of(const std::string& process) {
  const std::string text = text_of(process + "/stat");
  const std::size_t name_end = text.rfind(") ");
  return name_end == std::string::npos || name_end + 2 >= text.size() ? '\0' : text[name_end + 2];
}

/// How a hierarchy of control groups says that a group is to be frozen, and all below it.
struct Freezer {
  const char* line;  ///< how its line in /proc/PID/cgroup begins, behind the number
  const char* root;  ///< where it is mounted by convention
  const char* file;
  const char* frozen;  ///< how the file's text begins
};
constexpr std::array<Freezer, 3> kFreezers = {{
    {"::/", "/sys/fs/cgroup", "cgroup.freeze", "1"},
    {"::/", "/sys/fs/cgroup/unified", "cgroup.freeze", "1"},
    {":freezer:/", "/sys/fs/cgroup/freezer", "freezer.state", "FR"},  // FROZEN, FREEZING
}};

/// Asked of every group up to the top: "all of it stands still" would not do, since one process in
/// the kernel's hands keeps that from being said while the others do stand still.
bool is_frozen(std::string group, const Freezer& freezer) {
  while (group.size() > 1) {
    if (text_of(freezer.root + group + "/" + freezer.file).starts_with(freezer.frozen)) return true;
    group.resize(group.rfind('/'));
  }
  return false;
}

/// Moves it to the group above all others, which cannot be frozen, if one of its own is. `fd`: it
/// must be the holder still, lest another one of its number is moved.
bool thaw(pid_t pid, int fd, const Freezer& freezer) {
  for (const std::string& line : lines_of(text_of("/proc/" + std::to_string(pid) + "/cgroup"))) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    if (!std::string_view(line).substr(colon).starts_with(freezer.line)) continue;
    if (!is_frozen(line.substr(line.find('/')), freezer)) return false;
    const std::string root = freezer.root;
    const UniqueFd top(::open((root + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    return top.valid() && holder_of(fd) == pid &&
           write_all(top.get(), std::to_string(pid), "cgroup.procs").has_value();
  }
  return false;
}

int wake(int fd) {
  const pid_t pid = holder_of(fd);
  if (pid == 0) return 0;
  bool thawed = false;
  for (const Freezer& freezer : kFreezers) thawed |= thaw(pid, fd, freezer);
  const bool continued = state_of("/proc/" + std::to_string(pid)) == 'T' && holder_of(fd) == pid &&
                         ::kill(pid, SIGCONT) == 0;
  return thawed || continued ? 1 : 0;
}

}  // namespace

bool try_lock(int fd, int operation) noexcept {
  if (operation != LOCK_EX) return ::flock(fd, operation | LOCK_NB) == 0;
  const Announced announced = announce(fd);
  if (announced == Announced::by_another) {
    errno = EWOULDBLOCK;
    return false;
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  const int error = errno;
  withdraw(fd);
  // Where the two are one, our own record stood in the way.
  if (announced == Announced::yes && error == EWOULDBLOCK && ::flock(fd, LOCK_EX | LOCK_NB) == 0) {
    (void)announce(fd);
    return true;
  }
  errno = error;
  return false;
}

bool lock_before(int fd, int operation, std::int64_t deadline_ms) noexcept {
  constexpr struct timespec kPause = {0, 10'000'000};
  constexpr std::int64_t kWakeMs = 200;
  for (std::int64_t wake_at = monotonic_ms() + kWakeMs; !try_lock(fd, operation);) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    const std::int64_t now = monotonic_ms();
    if (now >= wake_at) {
      wake_lock_holders(fd);
      wake_at = monotonic_ms() + kWakeMs;
    }
    if (now >= deadline_ms) {
      errno = EWOULDBLOCK;
      return false;
    }
    ::nanosleep(&kPause, nullptr);
  }
  return true;
}

int wake_lock_holders(int fd) noexcept {
  if (::geteuid() != 0) return 0;
  try {
    return wake(fd);
  } catch (...) {  // out of memory: who waits goes on waiting
    return 0;
  }
}

}  // namespace sifguard
