// Starting a program in a child process. Root in the helper, the admin in sifctl, any uid in tests.
#include "keystore/base/child.h"

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
#include <system_error>

#include "keystore/base/argv.h"
#include "keystore/base/child_setup.h"
#include "keystore/base/forked_part.h"
#include "keystore/base/lack.h"

namespace sifguard {
namespace {

std::string_view step_name(SetupStep step) noexcept {
  switch (step) {
    case SetupStep::session:
      return "start a session";
    case SetupStep::network:
      return "leave the network";
    case SetupStep::processes:
      return "leave the node's processes";
    case SetupStep::mounts:
      return "leave the node's mounts";
    case SetupStep::restriction:
      return "restrict its mounts";
    case SetupStep::home:
      return "make its directory";
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
// may stop it, and a killed one may hang in a file system that does not answer.
constexpr std::int64_t kSetupMs = 30000;
constexpr std::int64_t kReapMs = 5000;

/// Into a new PID namespace if one is asked for: unshare() would give one to the child's own
/// children alone.
pid_t fork_with(Namespace processes) noexcept {
  if (processes == Namespace::ours) return fork_into(0);
  const pid_t pid = fork_into(CLONE_NEWPID);
  const bool goes_without = processes == Namespace::if_given && is_namespace_refusal(errno);
  return pid < 0 && goes_without ? fork_into(0) : pid;
}

/// Else the kernel would reap children by itself, and forget their status.
void hear_of_children() noexcept {
  struct sigaction action {};
  if (::sigaction(SIGCHLD, nullptr, &action) != 0) return;
  if (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) != 0) {
    ::signal(SIGCHLD, SIG_DFL);
  }
}

int remaining(std::int64_t deadline_ms) noexcept {
  return static_cast<int>(std::clamp<std::int64_t>(deadline_ms - monotonic_ms(), 0, 1 << 30));
}

}  // namespace

bool ready_before(int fd, std::int64_t deadline_ms) noexcept {
  struct pollfd ready = {fd, POLLIN, 0};
  int events = 0;
  do {
    events = ::poll(&ready, 1, remaining(deadline_ms));
  } while ((events < 0 && errno == EINTR) || (events == 0 && monotonic_ms() < deadline_ms));
  return events > 0;
}

namespace {

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

constexpr const char* kGiveNamespaces =
    "the node must give root's programs namespaces: see /proc/sys/user/max_*_namespaces";

/// ENOSPC means a limit of the node's here, not a full disk.
tl::unexpected<Error> fail_namespaces(const std::string& what, int error) {
  return fail(Code::config, what + ": " + std::generic_category().message(error), kGiveNamespaces);
}

tl::unexpected<Error> cannot_fork(const ChildSpec& spec, int error) {
  const std::string what = "cannot start " + spec.program;
  const bool refused = spec.isolation.processes == Namespace::must && is_namespace_refusal(error);
  return refused ? fail_namespaces(what, error) : fail_errno(Code::temporary, what, error);
}

/// For a program that cannot be executed: one of ours is a part of the installation.
const char* remedy_for(const std::string& program) noexcept {
  const bool ours = program.find("/sifguard-") != std::string::npos;
  return ours ? "check that sifguard is installed completely" : "";
}

bool is_refused_namespace(const SetupFailure& failure) noexcept {
  const bool one = failure.step == SetupStep::network || failure.step == SetupStep::processes ||
                   failure.step == SetupStep::mounts;
  return one && is_namespace_refusal(failure.error);
}

}  // namespace

Child::Child(pid_t pid) : pid_(pid), handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), handle_(std::move(other.handle_)) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    kill_and_reap();
    pid_ = std::exchange(other.pid_, -1);
    handle_ = std::move(other.handle_);
  }
  return *this;
}

Child::~Child() {
  kill_and_reap();
}

/// Running or ended, as long as it is not reaped its number is its own, and so is its session's.
void Child::kill_session() const noexcept {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
    ::kill(-pid_, SIGKILL);
    if (!handle_.valid()) ::kill(pid_, SIGKILL);
  }
  if (handle_.valid()) ::syscall(SYS_pidfd_send_signal, handle_.get(), SIGKILL, nullptr, 0);
}

bool Child::ended_before(std::int64_t deadline_ms) const noexcept {
  if (handle_.valid()) return ready_before(handle_.get(), deadline_ms);
  for (;;) {
    siginfo_t info{};
    const int found = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (found != 0 || info.si_pid == pid_) return true;
    if (monotonic_ms() >= deadline_ms) return false;
    constexpr int kLookAgainMs = 5;
    ::poll(nullptr, 0, std::min(remaining(deadline_ms), kLookAgainMs));
  }
}

void Child::kill_and_reap() noexcept {
  if (pid_ <= 0) return;
  kill_session();
  // One that hangs in the kernel is left to init: it can do nothing more but end.
  if (ended_before(monotonic_ms() + kReapMs)) {
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  handle_.reset();
}

UniqueFd Child::let_go() && noexcept {
  pid_ = -1;
  return std::move(handle_);
}

Result<int> Child::wait(std::int64_t deadline_ms) {
  if (pid_ <= 0) return fail(Code::internal, "waiting for a child that is gone");
  if (!ended_before(deadline_ms)) {
    kill_and_reap();
    return fail(Code::temporary, "a helper process overran its time and was ended");
  }
  kill_session();  // whatever it leaves there; it itself has ended
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) return fail_errno(Code::internal, "cannot wait for a child", errno);
  }
  pid_ = -1;
  handle_.reset();
  return status;
}

Result<Child> start_child(const ChildSpec& spec) {
  SG_TRY(Pipe errors, make_pipe());
  const std::vector<char*> argv = argv_of(spec.argv);
  const std::vector<char*> environment = argv_of(spec.environment);
  std::vector<MountPoint> mounts;
  if (spec.isolation.mounts != Namespace::ours) {
    SG_TRY(mounts, list_mount_points());
  }
  PreparedChild prepared;
  prepared.spec = &spec;
  prepared.argv = argv.data();
  prepared.environment = environment.data();
  prepared.mount_points = mounts.data();
  prepared.mount_count = mounts.size();
  prepared.error_fd = errors.write_end.get();

  hear_of_children();
  const pid_t pid = fork_with(spec.isolation.processes);
  if (pid < 0) return cannot_fork(spec, errno);
  if (pid == 0) become_child(prepared);

  // From here on the child is owned: an error below kills and reaps it.
  Child child(pid);
  errors.write_end.reset();
  SG_TRY(const auto failure, setup_failure(errors.read_end.get(), spec.program));
  if (!failure) return child;
  const std::string what = spec.program + " could not " + std::string(step_name(failure->step));
  if (is_refused_namespace(*failure)) {
    return fail_namespaces(what, failure->error);
  }
  if (failure->step == SetupStep::exec && failure->error == EAGAIN) {
    return fail_errno(Code::temporary, what, failure->error,
                      "its user has too many processes: end some and try again");
  }
  if (tells_of_lack(failure->error)) {
    return fail_errno(Code::temporary, what, failure->error, "try again later");
  }
  if (failure->step != SetupStep::exec) return fail_errno(Code::internal, what, failure->error);
  return fail_errno(Code::unavailable, what, failure->error, remedy_for(spec.program));
}

Result<std::string> read_until(int fd, std::size_t limit, std::int64_t deadline_ms,
                               std::string_view what) {
  std::string text;
  std::array<char, 65536> chunk;
  for (;;) {
    if (!ready_before(fd, deadline_ms)) {
      return fail(Code::temporary, std::string(what) + " did not answer in time");
    }
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
