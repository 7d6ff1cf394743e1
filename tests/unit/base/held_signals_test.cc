// Signals wait while files are put in place, and with LateSignals until that is told.
#include "keystore/base/held_signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace sifguard {
namespace {

/// What ends a child that does this: a signal, or else 0 when `task` returned.
int ending(const std::function<void()>& task) {
  const pid_t child = ::fork();
  if (child == 0) {
    task();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

void signalled_while_held() {
  const auto held = HeldSignals::hold();
  ::raise(SIGTERM);
}

TEST(HeldSignals, EndTheProcessOnceTheLastIsGone) {
  EXPECT_EQ(ending([] { ::raise(SIGTERM); }), SIGTERM);
  EXPECT_EQ(ending([] {
              const auto held = HeldSignals::hold();
              ::raise(SIGTERM);
              ::_exit(7);
            }),
            7);
  EXPECT_EQ(ending([] {
              const auto held = HeldSignals::hold();
              signalled_while_held();
              ::_exit(7);
            }),
            7);
  EXPECT_EQ(ending([] {
              signalled_while_held();
              ::_exit(7);
            }),
            SIGTERM);
}

TEST(LateSignals, WaitForTheEndOfTheWord) {
  EXPECT_EQ(ending([] {
              const LateSignals late;
              signalled_while_held();
              ::_exit(7);
            }),
            7);
  EXPECT_EQ(ending([] {
              {
                const LateSignals late;
                signalled_while_held();
                signalled_while_held();
              }
              ::_exit(7);
            }),
            SIGTERM);
}

TEST(LateSignals, AreDeliveredBeforeAQuestion) {
  EXPECT_EQ(ending([] {
              const LateSignals late;
              signalled_while_held();
              LateSignals::deliver();
              ::_exit(7);
            }),
            SIGTERM);
  EXPECT_EQ(ending([] {
              const LateSignals late;
              LateSignals::deliver();
              ::_exit(7);
            }),
            7);
}

TEST(LateSignals, AfterTheBeginEverythingWaits) {
  EXPECT_EQ(ending([] {
              const LateSignals late;
              LateSignals::begin();
              ::raise(SIGTERM);
              { const auto held = HeldSignals::hold(); }
              ::_exit(7);
            }),
            7);
  EXPECT_EQ(ending([] {
              const LateSignals late;
              const auto before = HeldSignals::hold();
              LateSignals::begin();
              LateSignals::deliver();
              ::raise(SIGTERM);
              ::_exit(7);
            }),
            7);
  EXPECT_EQ(ending([] {
              {
                const LateSignals late;
                const auto before = HeldSignals::hold();
                LateSignals::begin();
                ::raise(SIGTERM);
              }
              ::_exit(7);
            }),
            SIGTERM);
  EXPECT_EQ(ending([] {
              auto before = HeldSignals::hold();
              {
                const LateSignals late;
                LateSignals::begin();
                ::raise(SIGTERM);
              }
              before.reset();
              ::_exit(7);
            }),
            SIGTERM);
  EXPECT_EQ(ending([] {
              LateSignals::begin();
              ::raise(SIGTERM);
              ::_exit(7);
            }),
            SIGTERM);
  EXPECT_EQ(ending([] {
              {
                const LateSignals late;
                LateSignals::begin();
              }
              ::raise(SIGTERM);
              ::_exit(7);
            }),
            SIGTERM);
}

TEST(LateSignals, HoldNothingThatComesAtAnotherTime) {
  EXPECT_EQ(ending([] {
              const LateSignals late;
              { const auto held = HeldSignals::hold(); }
              ::raise(SIGTERM);
              ::_exit(7);
            }),
            SIGTERM);
}

}  // namespace
}  // namespace sifguard
