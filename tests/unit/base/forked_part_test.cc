// A part of the program in a second process.
#include "keystore/base/forked_part.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <stdexcept>

namespace sifguard {
namespace {

/// As a shell would tell it.
int status_of(pid_t child) {
  const auto status = wait_for_part(child);
  if (!status) return -1;
  return WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
}

TEST(ForkedPart, EndsWithTheStatusThatItReturns) {
  int here = 1;
  EXPECT_EQ(status_of(fork_part([&] { return here = 7; })), 7);
  EXPECT_EQ(here, 1) << "it has a memory of its own";
}

TEST(ForkedPart, DoesNotGoOnAsTheFirstProcessAfterAnException) {
  EXPECT_EQ(status_of(fork_part([]() -> int { throw std::runtime_error("x"); })), kPartFailed);
}

TEST(ForkedPart, ASignalIsNoStatus) {
  EXPECT_EQ(status_of(fork_part([] { return ::raise(SIGKILL); })), 128 + SIGKILL);
}

TEST(ForkedPart, WhatIsNoChildOfOursHasNoStatus) {
  EXPECT_EQ(wait_for_part(::getpid()), std::nullopt);
  EXPECT_EQ(wait_for_part(::getppid()), std::nullopt);
  const pid_t child = fork_part([] { return 0; });
  EXPECT_EQ(status_of(child), 0);
  EXPECT_EQ(wait_for_part(child), std::nullopt) << "once";
}

}  // namespace
}  // namespace sifguard
