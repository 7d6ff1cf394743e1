// Starting a child process: the one place that forks. Root in the helper, any uid in tests.
#include "helper/process/child.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "helper/process/child_setup.h"
#include "keystore/base/argv.h"
#include "keystore/base/lack.h"

namespace sifguard {
namespace {

std::string_view step_name(SetupStep step) noexcept {
  switch (step) {
    case SetupStep::session:
      return "start a session";
    case SetupStep::mounts:
      return "restrict its mounts";
    case SetupStep::tmpfs:
      return "mount its private memory";
    case SetupStep::limits:
      return "limit its resources";
    case SetupStep::descriptors:
      return "arrange its descriptors";
    case SetupStep::identity:
      return "change its identity";
    case SetupStep::privileges:
      return "drop its privileges";
    case SetupStep::exec:
      return "be executed";
  }
  return "be set up";
}

// Setting a child up takes microseconds. But once it has another's identity, that user's processes
// may stop it, and a killed one may hang in a filesystem that does not answer.
constexpr std::int64_t kSetupMs = 30000;
constexpr std::int64_t kReapMs = 5000;

/// Like fork(), in the new namespaces asked for. The raw call suits a child that only execs.
pid_t fork_into(const Isolation& isolation) noexcept {
  unsigned long flags = SIGCHLD;
  if (isolation.no_network) flags |= CLONE_NEWNET;
  if (isolation.own_pids) flags |= CLONE_NEWPID | CLONE_NEWIPC;
  if (isolation.read_only_root || !isolation.private_tmpfs.empty()) flags |= CLONE_NEWNS;
  return static_cast<pid_t>(::syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr));
}

int remaining(std::int64_t deadline_ms) noexcept {
  return static_cast<int>(std::clamp<std::int64_t>(deadline_ms - monotonic_ms(), 0, 1 << 30));
}

/// Waits for `fd` to be readable or at its end; for the handle of a process: for it to have ended.
bool ready_before(int fd, std::int64_t deadline_ms) noexcept {
  struct pollfd ready = {fd, POLLIN, 0};
  int events = 0;
  do {
    events = ::poll(&ready, 1, remaining(deadline_ms));
  } while (events < 0 && errno == EINTR);
  return events > 0;
}

/// What went wrong between fork and exec; nullopt when nothing did.
Result<std::optional<SetupFailure>> setup_failure(int fd, const std::string& program) {
  SetupFailure failure{};
  if (!ready_before(fd, monotonic_ms() + kSetupMs)) {
    return fail(Code::temporary, program + " did not start in time");
  }
  ssize_t got = 0;
  do {
    got = ::read(fd, &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return std::optional<SetupFailure>{};  // closed by exec
  if (got != static_cast<ssize_t>(sizeof failure)) {
    return fail(Code::internal, "cannot start " + program);
  }
  return std::optional(failure);
}

}  // namespace

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    kill_and_reap();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

Child::~Child() {
  kill_and_reap();
}

void Child::kill_and_reap() noexcept {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  // One that hangs in the kernel is left to init: it can do nothing more but end.
  if (!handle.valid() || ready_before(handle.get(), monotonic_ms() + kReapMs)) {
    while (::waitpid(pid_, nullptr, handle.valid() ? 0 : WNOHANG) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
}

Result<int> Child::wait(std::int64_t deadline_ms) {
  if (pid_ <= 0) return fail(Code::internal, "waiting for a child that is gone");
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!handle.valid()) {
    return fail_errno(tells_of_lack(errno) ? Code::temporary : Code::internal,
                      "cannot watch a child process", errno);
  }
  if (!ready_before(handle.get(), deadline_ms)) {
    kill_and_reap();
    return fail(Code::temporary, "a helper process overran its time and was ended");
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) return fail_errno(Code::internal, "cannot wait for a child", errno);
  }
  ::kill(-pid_, SIGKILL);  // whatever it left in its session
  pid_ = -1;
  return status;
}

Result<Child> start_child(const ChildSpec& spec) {
  SG_TRY(Pipe errors, make_pipe());
  const std::vector<char*> argv = argv_of(spec.argv);
  const std::vector<char*> environment = argv_of(spec.environment);
  std::string tmpfs = "mode=0700,size=32m,nr_inodes=1024";
  if (spec.identity) {
    tmpfs +=
        ",uid=" + std::to_string(spec.identity->uid) + ",gid=" + std::to_string(spec.identity->gid);
  }
  const std::string unswappable = tmpfs + ",noswap";
  PreparedChild prepared;
  prepared.spec = &spec;
  prepared.argv = argv.data();
  prepared.environment = environment.data();
  prepared.tmpfs_options = unswappable.c_str();
  prepared.tmpfs_fallback = tmpfs.c_str();
  prepared.error_fd = errors.write_end.get();

  const pid_t pid = fork_into(spec.isolation);
  if (pid < 0) return fail_errno(Code::temporary, "cannot start " + spec.program, errno);
  if (pid == 0) become_child(prepared);

  // From here on the child is owned: an error below kills and reaps it.
  Child child(pid);
  errors.write_end.reset();
  SG_TRY(const auto failure, setup_failure(errors.read_end.get(), spec.program));
  if (!failure) return child;
  const std::string what = spec.program + " could not " + std::string(step_name(failure->step));
  if (failure->step == SetupStep::exec && failure->error == EAGAIN) {
    return fail_errno(Code::temporary, what, failure->error,
                      "its user has too many processes: end some and try again");
  }
  if (tells_of_lack(failure->error)) {
    return fail_errno(Code::temporary, what, failure->error, "try again later");
  }
  if (failure->step != SetupStep::exec) return fail_errno(Code::internal, what, failure->error);
  return fail_errno(Code::unavailable, what, failure->error,
                    "check that sifguard is installed completely");
}

Result<std::string> read_until(int fd, std::size_t limit, std::int64_t deadline_ms,
                               std::string_view what) {
  std::string text;
  std::array<char, 65536> chunk;
  for (;;) {
    struct pollfd ready = {fd, POLLIN, 0};
    const int events = ::poll(&ready, 1, remaining(deadline_ms));
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) return fail(Code::temporary, std::string(what) + " did not answer in time");
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(Code::internal, "cannot read from " + std::string(what), errno);
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > limit) {
      return fail(Code::refused, std::string(what) + " answered more than allowed");
    }
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace sifguard
