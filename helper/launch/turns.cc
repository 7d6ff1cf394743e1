// Turns of a step's tasks at the runtime's unlock. The launcher, as the user.
#include "helper/launch/turns.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "helper/launch/inherited_fds.h"
#include "keystore/base/clock.h"
#include "keystore/base/forked_part.h"
#include "keystore/base/lines.h"
#include "keystore/base/mount_line.h"

namespace sifguard {
namespace {

constexpr int kLookMs = 20;
constexpr std::size_t kMaxLine = 1U << 20U;  // paths and options of a page each

/// Of a job that has them for itself Slurm tells how many there are, and may let each task run on
/// its own alone; of one that overcommits it tells one, and may let all tasks run anywhere.
std::size_t limit_of(const char* cpus) {
  const std::string_view text = cpus == nullptr ? "" : cpus;
  std::size_t told = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), told);
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const bool known = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  return std::max(
      {told, known ? static_cast<std::size_t>(CPU_COUNT(&allowed)) : 0, std::size_t{1}});
}

UniqueFd open_turn(const std::string& directory, std::size_t number) {
  const std::string path = directory + "/" + std::to_string(number);
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

void add_unlocked(const std::string& process, std::set<std::string>& devices) {
  const UniqueFd fd(::open((process + "/mountinfo").c_str(), O_RDONLY | O_CLOEXEC));
  const auto look_at = [&](std::string_view line, bool) -> Status {
    const auto mount = parse_mount_line(line);
    if (mount && mount->type == "fuse.gocryptfs") devices.insert(mount->device);
    return {};
  };
  if (fd.valid()) (void)read_lines(fd.get(), kMaxLine, "mountinfo", look_at);
}

void add_children(const std::string& thread, std::set<std::string>& children) {
  const UniqueFd fd(::open((thread + "/children").c_str(), O_RDONLY | O_CLOEXEC));
  auto text = fd.valid() ? read_to_end(fd.get(), kMaxLine, "children") : Result<std::string>();
  for (std::size_t end = 0; text && (end = text->find(' ')) != text->npos;) {
    children.insert(text->substr(0, end));
    text->erase(0, end + 1);
  }
}

/// Of all its threads; none where the kernel does not list them. Not by std::filesystem, which
/// would bring the system's look-up of accounts into a static program.
std::set<std::string> children_of(const std::string& process) {
  std::set<std::string> children;
  const std::string threads = process + "/task";
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(threads.c_str()), ::closedir);
  if (!directory) return children;
  while (const dirent* thread = ::readdir(directory.get())) {
    if (thread->d_name[0] != '.') add_children(threads + "/" + thread->d_name, children);
  }
  return children;
}

/// A process by its handle, or before Linux 5.3 by its number.
struct Runtime {
  pid_t pid;
  int handle;
  /// Waits a moment, or until it has ended.
  [[nodiscard]] bool ends_in_a_moment() const {
    struct pollfd end = {handle, POLLIN, 0};
    return ::poll(&end, 1, kLookMs) == 1 || ::kill(pid, 0) != 0;
  }
};

/// In the watcher: nothing of the task's is kept open but the turn.
int watch(pid_t pid, const std::set<std::string>& before) {
  const std::string process = "/proc/" + std::to_string(pid);
  const Runtime runtime{pid, 1};
  const std::int64_t deadline = monotonic_ms() + kLongestTurnMs;
  while (!runtime.ends_in_a_moment() && monotonic_ms() < deadline) {
    if (unlocked_by(process) != before) break;
  }
  return 0;
}

/// The turn becomes descriptor 0, the runtime's handle 1 (-1, if there is none, is not open).
bool keep_alone(int turn, int handle) {
  const UniqueFd first(::fcntl(turn, F_DUPFD_CLOEXEC, 3));
  const UniqueFd second(handle < 0 ? -1 : ::fcntl(handle, F_DUPFD_CLOEXEC, 3));
  if (!first.valid() || ::dup2(first.get(), 0) != 0) return false;
  if (!second.valid()) {
    ::close(1);
  } else if (::dup2(second.get(), 1) != 1) {
    return false;
  }
  return close_all_from(2);
}

}  // namespace

std::set<std::string> unlocked_by(const std::string& process) {
  std::set<std::string> devices;
  add_unlocked(process, devices);
  const std::string all = process.substr(0, process.rfind('/') + 1);
  for (const std::string& child : children_of(process)) add_unlocked(all + child, devices);
  return devices;
}

UniqueFd wait_for_turn(const std::string& directory, std::size_t at_most,
                       std::int64_t deadline_ms) {
  for (;;) {
    for (std::size_t number = 0; number < at_most; ++number) {
      UniqueFd turn = open_turn(directory, number);
      if (!turn.valid() && number == 0) return {};
      if (!turn.valid()) break;
      if (::flock(turn.get(), LOCK_EX | LOCK_NB) == 0) return turn;
      if (errno != EWOULDBLOCK && errno != EINTR) return {};
    }
    if (monotonic_ms() >= deadline_ms) return {};
    ::poll(nullptr, 0, kLookMs);
  }
}

void take_turn(const std::string& directory, const char* cpus) {
  const UniqueFd turn = wait_for_turn(directory, limit_of(cpus), monotonic_ms() + kLongestWaitMs);
  if (!turn.valid()) return;
  const pid_t self = ::getpid();
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, self, 0)));
  const std::set<std::string> before = unlocked_by("/proc/" + std::to_string(self));
  const auto watch_alone = [&] {
    return keep_alone(turn.get(), handle.get()) ? watch(self, before) : 0;
  };
  // Not a child of ours: the runtime would wait for it.
  const pid_t between = fork_part([&] { return fork_part(watch_alone) > 0 ? 0 : 1; });
  if (between > 0) wait_for_part(between);
}

}  // namespace sifguard
