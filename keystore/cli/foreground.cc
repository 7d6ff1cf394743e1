// A program that takes over the terminal until it ends. Runs with the rights of the admin.
#include "keystore/cli/foreground.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "keystore/base/child.h"
#include "keystore/base/fd.h"
#include "keystore/base/held_signals.h"

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

/// Not ignored: the program would ignore it, too.
void pass(int /*signal*/) {}

/// How signals are dealt with meanwhile; as before when it goes.
class Signals {
 public:
  Signals() {
    for (std::size_t i = 0; i < kOfTheTerminal.size(); ++i) {
      set(kOfTheTerminal[i], pass, before_[i]);
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

ChildSpec spec_of(const std::vector<std::string>& words, int input_fd, int output_fd) {
  ChildSpec spec;
  spec.program = words.front();
  spec.argv = words;
  for (char** word = environ; *word != nullptr; ++word) spec.environment.emplace_back(*word);
  spec.fds = {{input_fd, STDIN_FILENO}, {output_fd, STDOUT_FILENO}};
  spec.in_foreground = true;
  return spec;
}

}  // namespace

Result<int> run_in_foreground(const std::vector<std::string>& words, int output_fd) {
  LateSignals::deliver();
  const Signals signals;
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing.valid()) return fail_errno(Code::temporary, "cannot open /dev/null", errno);
  SG_TRY(Child child, start_child(spec_of(words, nothing.get(), output_fd)));
  g_program = child.pid();
  const auto ended = child.wait(kNoDeadline);
  g_program = 0;
  SG_TRY(const int status, ended);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace sifguard
