// Tidying: what is a leftover, and what somebody still needs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include "keystore/base/clock.h"
#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::CacheAsRoot;
using TidyAsRoot = CacheAsRoot;

TEST_F(TidyAsRoot, TidyRemovesLeftoversAndKeepsTheRest) {
  publish('a');
  publish('b');
  test::write_file(entry('b') + "/entry.json", "torn");
  fs::create_directories(directory_ + "/tmp/new-something/deeper");
  test::write_file(directory_ + "/tmp/old-something", "");
  fs::create_directory(directory_ + "/entries/stray");
  ASSERT_TRUE(cache_->tidy());
  EXPECT_TRUE(has('a'));
  EXPECT_FALSE(has('b'));
  EXPECT_FALSE(fs::exists(directory_ + "/entries/stray"));
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

TEST_F(TidyAsRoot, TidyDoesNotMakeEntriesYoung) {
  publish('a');
  age('a', 500);
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat(entry('a').c_str(), &before), 0);
  ASSERT_TRUE(cache_->tidy());
  ASSERT_EQ(::stat(entry('a').c_str(), &after), 0);
  EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
}

TEST_F(TidyAsRoot, TidyKeepsHeldLocksAndRemovesOthers) {
  FileIdentity held_file, free_file;
  free_file.inode = 1;
  const auto held = cache_->copy_turn(1, held_file, 0);
  ASSERT_TRUE(cache_->copy_turn(1, free_file, 0));
  ASSERT_TRUE(cache_->tidy());
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ + "/tmp"), fs::directory_iterator()),
            1);
  EXPECT_FALSE(cache_->copy_turn(1, held_file, 0));
}

TEST_F(TidyAsRoot, TidyForgetsFilesWhoseEntryIsGone) {
  publish('a');
  FileIdentity kept, lost;
  kept.inode = 1;
  lost.inode = 2;
  ASSERT_TRUE(cache_->remember(kept, std::string(64, 'a')));
  ASSERT_TRUE(cache_->remember(lost, std::string(64, 'b')));
  test::write_file(directory_ + "/index/.half.tmp", "x");
  test::write_file(directory_ + "/index/" + std::string(64, '0'), "no digest");
  ASSERT_TRUE(cache_->tidy());
  EXPECT_TRUE(cache_->digest_of(kept));
  EXPECT_FALSE(cache_->digest_of(lost));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ + "/index"), fs::directory_iterator()),
            1);  // the table
}

/// The longest that a launch waits for the cache's lock while another process does `work`.
std::int64_t longest_wait(const std::string& directory, const std::function<Status()>& work) {
  std::atomic<bool> tidied{false};
  std::thread tidying([&] {
    EXPECT_TRUE(work());
    tidied = true;
  });
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::int64_t longest = 0;
  while (!tidied) {
    const std::int64_t start = monotonic_ms();
    EXPECT_TRUE(FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive, 30'000, "lock"));
    longest = std::max(longest, monotonic_ms() - start);
    ::usleep(1000);
  }
  tidying.join();
  return longest;
}

void leave_behind(const std::string& directory, int files) {
  for (int i = 0; i < files; ++i) {
    const std::string number = std::to_string(i);
    test::write_file(directory + "/tmp/copy-" + number, "");
    // As an older version made them.
    test::write_file(directory + "/index/" + std::string(64 - number.size(), '0') + number, "");
  }
}

TEST_F(TidyAsRoot, LaunchesDoNotWaitForAllOfIt) {
  leave_behind(directory_, 1500);
  // Under a sanitizer and beside other tests; all in one go it takes longer than that.
  EXPECT_LT(longest_wait(directory_, [&] { return cache_->tidy(); }), 1000);
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

/// Another's launch, which wants to know how many copies are in progress.
TEST_F(TidyAsRoot, LaunchesDoNotWaitForTurnsOfKilledHelpers) {
  leave_behind(directory_, 3000);
  const auto turn = cache_->copy_turn(1, FileIdentity{}, 0);
  ASSERT_TRUE(turn);
  EXPECT_LT(longest_wait(directory_, [&] { return cache_->reserve(*turn, 1); }), 1000);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ + "/tmp"), fs::directory_iterator()),
            1);
}

/// Its file is there until the lock is let go of; nothing is left of it then.
TEST_F(TidyAsRoot, WhatIsLargeIsUnlinkedAfterTheLock) {
  publish('a');
  const UniqueFd entries(
      ::open((directory_ + "/entries").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string name = fs::path(entry('a')).filename();
  {
    Leaving leaving(cache_->staging_fd());
    ASSERT_TRUE(leaving.take(entries.get(), name));
    ASSERT_TRUE(leaving.take(entries.get(), "never-there"));
    EXPECT_FALSE(fs::exists(entry('a')));
    bool found = false;
    for (const auto& one : fs::directory_iterator(directory_ + "/tmp")) {
      found |= fs::exists(one.path() / "image.sif") &&
               one.path().filename().string().starts_with("old-" + name);
    }
    EXPECT_TRUE(found);
  }
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

/// As after a crash between the two, and while another removes the same.
TEST_F(TidyAsRoot, WhatWasLeavingIsTidied) {
  for (const char* name : {"old-a-1", "old-b-2", "new-c"}) {
    fs::create_directories(directory_ + "/tmp/" + name);
    test::write_file(directory_ + "/tmp/" + name + "/image.sif", "x");
  }
  std::thread beside([&] { EXPECT_TRUE(remove_leaving(cache_->staging_fd())); });
  EXPECT_TRUE(cache_->tidy());
  beside.join();
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

// By hand: --gtest_also_run_disabled_tests
TEST_F(TidyAsRoot, DISABLEDAHundredThousandFiles) {
  leave_behind(directory_, 100'000);
  const std::int64_t start = monotonic_ms();
  const std::int64_t longest = longest_wait(directory_, [&] { return cache_->tidy(); });
  std::printf("tidied in %lld ms; the longest wait for the lock was %lld ms\n",
              static_cast<long long>(monotonic_ms() - start), static_cast<long long>(longest));
  EXPECT_LT(longest, 1000);
}

// By hand as well.
TEST_F(TidyAsRoot, DISABLEDAHundredThousandTurns) {
  leave_behind(directory_, 100'000);
  const auto turn = cache_->copy_turn(1, FileIdentity{}, 0);
  const std::int64_t start = monotonic_ms();
  const std::int64_t longest = longest_wait(directory_, [&] { return cache_->reserve(*turn, 1); });
  std::printf("reserved in %lld ms; the longest wait for the lock was %lld ms\n",
              static_cast<long long>(monotonic_ms() - start), static_cast<long long>(longest));
  EXPECT_LT(longest, 1000);
}

TEST_F(TidyAsRoot, OneTidiesAtATime) {
  fs::create_directory(directory_ + "/entries/stray");
  const UniqueFd fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  {
    const auto other = FileLock::acquire(fd.get(), ".tidy", FileLock::Mode::exclusive, 0, "tidy");
    ASSERT_TRUE(other);
    EXPECT_TRUE(cache_->tidy());
    EXPECT_TRUE(fs::exists(directory_ + "/entries/stray"));
  }
  EXPECT_TRUE(cache_->tidy());
  EXPECT_FALSE(fs::exists(directory_ + "/entries/stray"));
}

}  // namespace
}  // namespace sifguard
