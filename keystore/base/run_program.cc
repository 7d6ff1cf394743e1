// Running a program of the system's for its answer. The caller's privilege.
#include "keystore/base/run_program.h"
#include "keystore/base/argv.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "keystore/base/clock.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/base/trusted_file.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxInput = 4096;  // fits into any pipe at once
constexpr std::size_t kMaxComplaint = 4096;

/// A child that is killed with its session and reaped when it goes.
class Running {
 public:
  explicit Running(pid_t pid) noexcept : pid_(pid) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    (void)wait();
  }
  [[nodiscard]] int wait() noexcept {
    int status = -1;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

/// What posix_spawn is told; freed with its owner.
class Orders {
 public:
  Orders() {
    good_ = ::posix_spawn_file_actions_init(&actions_) == 0 &&
            ::posix_spawnattr_init(&attributes_) == 0;
  }
  Orders(const Orders&) = delete;
  Orders& operator=(const Orders&) = delete;
  ~Orders() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  [[nodiscard]] bool fill(int in, int out, int err) noexcept {
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    constexpr short kFlags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    return good_ && ::posix_spawn_file_actions_adddup2(&actions_, in, 0) == 0 &&
           ::posix_spawn_file_actions_adddup2(&actions_, out, 1) == 0 &&
           ::posix_spawn_file_actions_adddup2(&actions_, err, 2) == 0 &&
           ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3) == 0 &&
           ::posix_spawn_file_actions_addchdir_np(&actions_, "/") == 0 &&
           ::posix_spawnattr_setsigmask(&attributes_, &none) == 0 &&
           ::posix_spawnattr_setsigdefault(&attributes_, &all) == 0 &&
           ::posix_spawnattr_setflags(&attributes_, kFlags) == 0;
  }
  [[nodiscard]] int spawn(pid_t& pid, const ProgramRun& run) const {
    std::vector<std::string> words = {run.program};
    words.insert(words.end(), run.arguments.begin(), run.arguments.end());
    const auto argv = argv_of(words);
    const auto environment = argv_of(run.environment);
    return ::posix_spawn(&pid, run.program.c_str(), &actions_, &attributes_, argv.data(),
                         environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  bool good_ = false;
};

/// A pipe whose ends are all above 2, so that none is overwritten on its way to the child.
Result<Pipe> make_high_pipe() {
  SG_TRY(Pipe pipe, make_pipe());
  for (UniqueFd* end : {&pipe.read_end, &pipe.write_end}) {
    if (end->get() > 2) continue;
    UniqueFd moved(::fcntl(end->get(), F_DUPFD_CLOEXEC, 3));
    if (!moved.valid()) return fail_errno(Code::temporary, "cannot make a pipe", errno);
    *end = std::move(moved);
  }
  return pipe;
}

/// Both outputs of the program, read until it closes them.
struct Answer {
  SecretBytes output;
  std::size_t size = 0;
  std::string complaint;

  /// Whether there may be more.
  [[nodiscard]] Result<bool> take_output(int fd, const std::string& program) {
    const ssize_t got = ::read(fd, output.bytes().data() + size, output.size() - size);
    if (got < 0 && errno == EINTR) return true;
    if (got < 0) return fail_errno(Code::internal, "cannot read from " + program, errno);
    size += static_cast<std::size_t>(got);
    if (size == output.size()) {
      return fail(Code::unavailable, program + " answered more than expected");
    }
    return got > 0;
  }
  [[nodiscard]] bool take_complaint(int fd) {
    std::array<char, 1024> chunk{};
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    complaint.append(chunk.data(), static_cast<std::size_t>(got));
    if (complaint.size() > kMaxComplaint) complaint.erase(0, complaint.size() - kMaxComplaint);
    return true;
  }
};

Result<Answer> listen(const ProgramRun& run, UniqueFd out, UniqueFd err) {
  Answer answer;
  SG_TRY(answer.output, SecretBytes::allocate(run.output_limit + 1));
  const std::int64_t deadline = monotonic_ms() + run.timeout_ms;
  while (out.valid() || err.valid()) {
    std::array<struct pollfd, 2> ready = {
        {{out.valid() ? out.get() : -1, POLLIN, 0}, {err.valid() ? err.get() : -1, POLLIN, 0}}};
    const auto left = std::clamp<std::int64_t>(deadline - monotonic_ms(), 0, 1 << 30);
    const int events = ::poll(ready.data(), ready.size(), static_cast<int>(left));
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) {
      return fail(Code::temporary, run.program + " did not answer in time", "try again");
    }
    if (ready[0].revents != 0) {
      SG_TRY(const bool more, answer.take_output(out.get(), run.program));
      if (!more) out.reset();
    }
    if (ready[1].revents != 0 && !answer.take_complaint(err.get())) err.reset();
  }
  answer.output.shrink(answer.size);
  return answer;
}

/// The last line that the program wrote on its standard error.
std::string last_line(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::size_t start = text.rfind('\n');
  if (start != std::string_view::npos) text.remove_prefix(start + 1);
  return printable(text, 500);
}

}  // namespace

Result<SecretBytes> run_program(const ProgramRun& run) {
  SG_CHECK(check_trusted_program(run.program, Trust{0}));
  if (run.input.size() > kMaxInput) return fail(Code::internal, "too much input for a program");
  SG_TRY(Pipe in, make_high_pipe());
  SG_TRY(Pipe out, make_high_pipe());
  SG_TRY(Pipe err, make_high_pipe());
  SG_CHECK(write_all(in.write_end.get(), run.input, run.program));
  in.write_end.reset();
  Orders orders;
  pid_t pid = -1;
  if (!orders.fill(run.input_fd >= 0 ? run.input_fd : in.read_end.get(),
                   run.output_fd >= 0 ? run.output_fd : out.write_end.get(), err.write_end.get())) {
    return fail(Code::temporary, "cannot prepare the start of " + run.program);
  }
  if (const int problem = orders.spawn(pid, run); problem != 0) {
    const bool lack = problem == EAGAIN || problem == ENOMEM;
    return fail_errno(lack ? Code::temporary : Code::unavailable, "cannot start " + run.program,
                      problem);
  }
  Running child(pid);
  in.read_end.reset();
  out.write_end.reset();
  err.write_end.reset();
  SG_TRY(Answer answer, listen(run, std::move(out.read_end), std::move(err.read_end)));
  const int status = child.wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::move(answer.output);
  const std::string said = last_line(answer.complaint);
  return fail(Code::unavailable, run.program + " failed" + (said.empty() ? "" : ": " + said));
}

std::string own_program(const std::string& name) {
  std::array<char, PATH_MAX> self{};
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  if (size > 0) {
    std::string beside(self.data(), static_cast<std::size_t>(size));
    beside.resize(beside.rfind('/') + 1);
    if (::access((beside + name).c_str(), X_OK) == 0) return beside + name;
    // What is for every user is in bin/, where sifctl is in sbin/.
    constexpr std::string_view kForRoot = "/sbin/";
    if (beside.ends_with(kForRoot)) {
      beside.replace(beside.size() - kForRoot.size(), kForRoot.size(), "/bin/");
      if (::access((beside + name).c_str(), X_OK) == 0) return beside + name;
    }
  }
  return SIFGUARD_LIBEXEC_DIR "/" + name;
}

}  // namespace sifguard
