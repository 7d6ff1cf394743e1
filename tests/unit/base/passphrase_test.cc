// Asking for a password on a terminal: whatever ends the process, the terminal echoes afterwards.
#include "keystore/base/passphrase.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <string>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

bool echoes(int terminal) {
  struct termios now {};
  return ::tcgetattr(terminal, &now) == 0 && (now.c_lflag & ECHO) != 0;
}

bool becomes(int terminal, bool echo) {
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries; ++i) {
    if (echoes(terminal) == echo) return true;
    ::usleep(5000);
  }
  return false;
}

/// Who asks: its status is 0 if "secret" was typed.
[[noreturn]] void ask() {
  const auto line = ask_passphrase({"Password: ", "a password is needed", "type it"});
  const bool right = line && std::string(reinterpret_cast<const char*>(line->bytes().data()),
                                         line->size()) == "secret";
  ::_exit(right ? 0 : 1);
}

/// A session on a terminal of its own, in which one process asks; `interfere` has the terminal's
/// other end, its own one, and who asks. Its result, or the wait status of who asked in `status`.
int in_session(const std::function<bool(int, int, pid_t)>& interfere, int& status) {
  const UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY));
  EXPECT_TRUE(master.valid() && ::grantpt(master.get()) == 0 && ::unlockpt(master.get()) == 0);
  std::array<char, 64> name{};
  EXPECT_EQ(::ptsname_r(master.get(), name.data(), name.size()), 0);
  std::array<int, 2> told{};
  EXPECT_EQ(::pipe(told.data()), 0);
  const pid_t session = ::fork();
  if (session == 0) {
    constexpr unsigned kTooLong = 30;
    ::alarm(kTooLong);
    ::setsid();
    const int terminal = ::open(name.data(), O_RDWR);
    if (terminal < 0 || ::ioctl(terminal, TIOCSCTTY, 0) != 0) ::_exit(90);
    const pid_t asking = ::fork();
    if (asking == 0) {
      // In the foreground, of a group whose parent is there: else nothing stops it.
      ::signal(SIGTTOU, SIG_IGN);
      if (::setpgid(0, 0) != 0 || ::tcsetpgrp(terminal, ::getpid()) != 0) ::_exit(94);
      ::signal(SIGTTOU, SIG_DFL);
      ask();
    }
    const bool good = becomes(terminal, false) && interfere(master.get(), terminal, asking);
    int ended = 0;
    ::waitpid(asking, &ended, 0);
    if (::write(told[1], &ended, sizeof ended) != sizeof ended) ::_exit(91);
    ::_exit(!good ? 92 : echoes(terminal) ? 0 : 93);
  }
  int ended = -1;
  ::waitpid(session, &ended, 0);
  ::close(told[1]);
  EXPECT_EQ(::read(told[0], &status, sizeof status), static_cast<ssize_t>(sizeof status));
  ::close(told[0]);
  return WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
}

bool type(int master, const std::string& text) {
  return ::write(master, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

TEST(Passphrase, IsTakenWithoutAnEcho) {
  int status = -1;
  EXPECT_EQ(in_session([](int master, int, pid_t) { return type(master, "secret\n"); }, status), 0);
  EXPECT_EQ(status, 0);
}

TEST(Passphrase, ASignalEndsItWithATerminalThatEchoes) {
  for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGALRM, SIGUSR1, SIGVTALRM,
                           SIGIO, SIGPWR, SIGRTMIN, SIGRTMAX}) {
    int status = -1;
    EXPECT_EQ(in_session([number](int, int, pid_t asking) { return ::kill(asking, number) == 0; },
                         status),
              0)
        << number;
    EXPECT_TRUE(WIFSIGNALED(status)) << number;
    EXPECT_EQ(WTERMSIG(status), number);
  }
}

TEST(Passphrase, WhoIsStoppedAndContinuedAsksAgain) {
  int status = -1;
  const auto stop = [](int master, int terminal, pid_t asking) {
    int stopped = 0;
    return ::kill(asking, SIGTSTP) == 0 && ::waitpid(asking, &stopped, WUNTRACED) == asking &&
           WIFSTOPPED(stopped) && echoes(terminal) && ::kill(asking, SIGCONT) == 0 &&
           becomes(terminal, false) && type(master, "secret\n");
  };
  EXPECT_EQ(in_session(stop, status), 0);
  EXPECT_EQ(status, 0);
}

TEST(Passphrase, CtrlCCancels) {
  int status = -1;
  EXPECT_EQ(in_session([](int master, int, pid_t) { return type(master, "sec\x03"); }, status), 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace sifguard
