// A program that takes over the terminal until it ends. Runs with the rights of the admin.
#include "keystore/cli/foreground.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "keystore/base/argv.h"

namespace sifguard {
namespace {

// The terminal sends the first two to the program, too.
constexpr std::array<int, 2> kOfTheTerminal = {SIGINT, SIGQUIT};
constexpr std::array<int, 2> kHandedOn = {SIGTERM, SIGHUP};

std::atomic<pid_t> g_program{0};
static_assert(std::atomic<pid_t>::is_always_lock_free, "used by a signal handler");

void hand_on(int signal) {
  const int before = errno;
  const pid_t program = g_program.load();
  if (program > 0) ::kill(program, signal);
  errno = before;
}

/// How signals are dealt with meanwhile; as before when it goes.
class Signals {
 public:
  Signals() {
    for (std::size_t i = 0; i < kOfTheTerminal.size(); ++i) {
      set(kOfTheTerminal[i], SIG_IGN, before_[i]);
    }
    for (std::size_t i = 0; i < kHandedOn.size(); ++i) {
      set(kHandedOn[i], hand_on, before_[kOfTheTerminal.size() + i]);
    }
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    std::size_t i = 0;
    for (const int signal : kOfTheTerminal) ::sigaction(signal, &before_[i++], nullptr);
    for (const int signal : kHandedOn) ::sigaction(signal, &before_[i++], nullptr);
  }

 private:
  static void set(int signal, void (*handler)(int), struct sigaction& before) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigaction(signal, &action, &before);
  }
  std::array<struct sigaction, kOfTheTerminal.size() + kHandedOn.size()> before_{};
};

Result<pid_t> start(const std::vector<std::string>& words) {
  posix_spawnattr_t attributes{};
  ::posix_spawnattr_init(&attributes);
  sigset_t usual;
  ::sigemptyset(&usual);
  for (const int signal : kOfTheTerminal) ::sigaddset(&usual, signal);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_t files{};
  ::posix_spawn_file_actions_init(&files);
  const std::vector<char*> argv = argv_of(words);
  pid_t pid = -1;
  int failed = ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (failed == 0) {
    failed = ::posix_spawn(&pid, words.front().c_str(), &files, &attributes, argv.data(), environ);
  }
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) return fail_errno(Code::unavailable, "cannot start " + words.front(), failed);
  return pid;
}

}  // namespace

Result<int> run_in_foreground(const std::vector<std::string>& words) {
  const Signals signals;
  SG_TRY(const pid_t pid, start(words));
  g_program = pid;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR)
      return fail_errno(Code::internal, "cannot wait for " + words.front(), errno);
  }
  g_program = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace sifguard
