// Who holds a lock that root waits for. Root on nodes.
//
// Sources: proc_locks(5), proc_pid_stat(5), and the kernel's documentation of both freezers: a
// frozen process that is moved into a group that is not frozen runs.
#include "keystore/base/lock_holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxText = std::size_t{4} << 20U;

std::string text_of(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return {};
  return read_to_end(fd.get(), kMaxText, path).value_or("");
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

/// By inode number alone: what device a file is on is told differently by some file systems.
std::vector<pid_t> lockers_of(ino_t inode) {
  std::vector<pid_t> found;
  for (const std::string& line : lines_of(text_of("/proc/locks"))) {
    int pid = 0;
    unsigned long long locked = 0;
    // "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5242 0 EOF"; who waits has "1: ->" and more.
    if (std::sscanf(line.c_str(), "%*d: FLOCK %*s %*s %d %*x:%*x:%llu",  // NOLINT(cert-err34-c)
                    &pid, &locked) == 2 &&
        locked == inode && pid > 1) {
      found.push_back(pid);
    }
  }
  return found;
}

bool has_open(const std::string& process, const struct stat& file) {
  const std::string path = process + "/fd";
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return false;
  while (const dirent* const entry = ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    struct stat st {};
    if (::fstatat(::dirfd(directory.get()), entry->d_name, &st, 0) == 0 &&
        st.st_dev == file.st_dev && st.st_ino == file.st_ino) {
      return true;
    }
  }
  return false;
}

/// 'T' of a process that a signal has stopped; 0 when it is gone.
char state_of(const std::string& process) {
  const std::string text = text_of(process + "/stat");
  const std::size_t name_end = text.rfind(") ");
  return name_end == std::string::npos || name_end + 2 >= text.size() ? '\0' : text[name_end + 2];
}

/// How a hierarchy of control groups says that a group is frozen.
struct Freezer {
  const char* line;  ///< how its line in /proc/PID/cgroup begins, behind the number
  const char* root;  ///< where it is mounted by convention
  const char* file;
  const char* frozen;
};
constexpr std::array<Freezer, 3> kFreezers = {{
    {"::/", "/sys/fs/cgroup", "cgroup.events", "frozen 1"},
    {"::/", "/sys/fs/cgroup/unified", "cgroup.events", "frozen 1"},
    {":freezer:/", "/sys/fs/cgroup/freezer", "freezer.state", "FR"},  // FROZEN, FREEZING
}};

/// Moves it to the group above all others, which cannot be frozen, if its own is.
bool thaw(pid_t pid, const std::vector<std::string>& groups, const Freezer& freezer) {
  for (const std::string& line : groups) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos ||
        !std::string_view(line).substr(colon).starts_with(freezer.line)) {
      continue;
    }
    const std::string group = line.substr(line.find('/'));
    const std::string root = freezer.root;
    if (text_of(root + group + "/" + freezer.file).find(freezer.frozen) == std::string::npos) {
      return false;
    }
    const UniqueFd top(::open((root + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    return top.valid() && write_all(top.get(), std::to_string(pid), "cgroup.procs").has_value();
  }
  return false;
}

int wake(int fd) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return 0;
  int woken = 0;
  for (const pid_t pid : lockers_of(file.st_ino)) {
    const std::string process = "/proc/" + std::to_string(pid);
    if (!has_open(process, file)) continue;
    const auto groups = lines_of(text_of(process + "/cgroup"));
    bool thawed = false;
    for (const Freezer& freezer : kFreezers) thawed |= thaw(pid, groups, freezer);
    const bool continued = state_of(process) == 'T' && ::kill(pid, SIGCONT) == 0;
    if (thawed || continued) ++woken;
  }
  return woken;
}

}  // namespace

int wake_lock_holders(int fd) noexcept {
  if (::geteuid() != 0) return 0;
  try {
    return wake(fd);
  } catch (...) {  // out of memory: who waits goes on waiting
    return 0;
  }
}

}  // namespace sifguard
