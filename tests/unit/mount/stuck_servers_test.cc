// FUSE servers that wait for themselves on their way out: the texts of /proc, and a real one.
#include "helper/mount/stuck_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ThreadState, IsReadBehindTheName) {
  const auto state =
      parse_thread_state("27906 (gocryptfs) D 23321 27900 27900 0 -1 4195596 1821 0");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->name, "gocryptfs");
  EXPECT_EQ(state->state, 'D');
  EXPECT_TRUE(state->exiting);
  EXPECT_FALSE(parse_thread_state("1 (x) S 0 1 1 0 -1 4194560 8 0")->exiting);
}

TEST(ThreadState, ANameMayHoldAnything) {
  const auto state = parse_thread_state("7 (a) D 1 (b) S 0 1 1 0 -1 0 8 0");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->name, "a) D 1 (b");
  EXPECT_EQ(state->state, 'S');
}

TEST(ThreadState, AnythingElseIsNone) {
  for (const char* line :
       {"", "7", "7 (a", "7 a) D", ")(", "7 (a) D", "7 (a) D 1 1 1 0 -1", "7 (a) D 1 1 1 0 -1 x 8",
        "7 (a) D 1 1 1 0 -1 -4 8", "7 (a) DD 1 1 1 0 -1 4 8", "7 (a)  D 1 1 1 0 -1 4 8"}) {
    EXPECT_FALSE(parse_thread_state(line)) << line;
  }
}

TEST(ServedConnections, AreThoseOfItsOwnType) {
  const std::string text =
      "254 168 0:66 / /session rw,nosuid shared:111 - tmpfs tmpfs rw\n"
      "265 254 0:70 / /session/plain rw,nosuid shared:115 - fuse.gocryptfs cipher rw,user_id=1001\n"
      "266 254 0:71 / /session/image rw - fuse.squashfuse image rw\n"
      "267 254 0:72 / /home/x rw - fuse.sshfs gocryptfs rw\n"
      "268 254 0:73 / /home/y rw master:1 propagate_from:2 - fuse.gocryptfs z rw\n";
  EXPECT_THAT(served_connections(text, "gocryptfs"), ElementsAre(70U, 73U));
  EXPECT_THAT(served_connections(text, "squashfuse"), ElementsAre(71U));
  EXPECT_THAT(served_connections(text, "fuse2fs"), IsEmpty());
}

TEST(ServedConnections, AMalformedLineIsNone) {
  for (const char* line :
       {"", "\n\n", "265 254 0:70 / /p rw fuse.gocryptfs c rw", "265 254 0:70 / /p rw -",
        "265 254 0:x / /p rw - fuse.gocryptfs c rw", "265 254 8:1 / /p rw - fuse.gocryptfs c rw",
        "265 254 0:-1 / /p rw - fuse.gocryptfs c rw", "- fuse.gocryptfs"}) {
    EXPECT_THAT(served_connections(line, "gocryptfs"), IsEmpty()) << line;
  }
}

TEST(OwnConnections, WhatIsMountedOnTheNodeTooIsSomebodyElses) {
  const std::string home = "30 29 0:70 / /home/bob/plain rw shared:9 - fuse.gocryptfs c rw\n";
  const std::string copy = "300 290 0:70 / /home/bob/plain rw master:9 - fuse.gocryptfs c rw\n";
  const std::string own = "301 290 0:71 / /session/plain rw - fuse.gocryptfs c rw\n";
  const auto served = [](const std::string& text) { return served_connections(text, "gocryptfs"); };
  EXPECT_THAT(own_connections(served(copy + own), served(home)), ElementsAre(71U));
  EXPECT_THAT(own_connections(served(copy), served(home)), IsEmpty());
  EXPECT_THAT(own_connections(served(own), {}), ElementsAre(71U));
}

/// Whether `child` ends within `tenths` of a second.
bool ends(pid_t child, int tenths, int& status) {
  for (int i = 0; i < tenths; ++i) {
    if (::waitpid(child, &status, WNOHANG) == child) return true;
    ::usleep(100'000);
  }
  return false;
}

TEST(StuckServers, ARealOneIsFreedAndThenNothingIsDone) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  const test::TempDir directory;
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(WAITING_SERVER, WAITING_SERVER, directory.path().c_str(), "gocryptfs", nullptr);
    ::_exit(93);
  }
  int status = 0;
  if (ends(child, 5, status)) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "SKIPPED: no FUSE here";
    if (WIFSIGNALED(status)) GTEST_SKIP() << "SKIPPED: this kernel's servers do not wait";
    FAIL() << "the server failed: " << status;
  }
  const pid_t helper = ::fork();  // it changes its mount namespace
  if (helper == 0) {
    const auto freed = free_stuck_servers();
    ::_exit(freed && *freed != 0 ? 0 : 1);
  }
  int freed = -1;
  ::waitpid(helper, &freed, 0);
  EXPECT_EQ(freed, 0);
  EXPECT_TRUE(ends(child, 20, status));
  EXPECT_TRUE(WIFSIGNALED(status));

  // Now there is none (one test and not two, which would run at the same time).
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat("/proc/self/ns/mnt", &before), 0);
  const auto none = free_stuck_servers();
  ASSERT_TRUE(none) << none.error().line();
  EXPECT_EQ(*none, 0U);
  ASSERT_EQ(::stat("/proc/self/ns/mnt", &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

}  // namespace
}  // namespace sifguard
