// Making room and tidying: what goes, in which order, and what stays because somebody needs it.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::CacheAsRoot;
using test::entry_record;
using test::sif_like;

constexpr std::size_t kSize = 1U << 20U;

class EvictAsRoot : public CacheAsRoot {
 protected:
  /// Sets when an entry was used last.
  void age(char digest, time_t seconds_ago) const {
    const struct timespec then = {::time(nullptr) - seconds_ago, 0};
    const struct timespec times[2] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, entry(digest).c_str(), times, 0), 0);
  }
  void expect_no_room(std::uint64_t bytes) const {
    const auto room = cache_->make_room(bytes);
    ASSERT_FALSE(room);
    EXPECT_EQ(room.error().code(), Code::temporary);
    EXPECT_NE(room.error().line().find("administrator"), std::string::npos);
  }
};

/// A process with a mount namespace of its own, in which `source` is bound to `target`.
class Mounter {
 public:
  Mounter(const std::string& source, const std::string& target) {
    int ready[2];
    if (::pipe2(ready, O_CLOEXEC) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      const bool mounted = ::unshare(CLONE_NEWNS) == 0 &&
                           ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                           ::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0;
      const char byte = mounted ? 'y' : 'n';
      if (::write(ready[1], &byte, 1) == 1) ::pause();
      ::_exit(0);
    }
    char byte = 0;
    mounted_ = ::read(ready[0], &byte, 1) == 1 && byte == 'y';
    ::close(ready[0]);
    ::close(ready[1]);
  }
  Mounter(const Mounter&) = delete;
  Mounter& operator=(const Mounter&) = delete;
  ~Mounter() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  pid_t pid_ = -1;
  bool mounted_ = false;
};

TEST_F(EvictAsRoot, NothingGoesWhileThereIsRoom) {
  publish('a', kSize);
  EXPECT_TRUE(cache_->make_room(kSize));
  EXPECT_TRUE(has('a'));
}

TEST_F(EvictAsRoot, WhatWasUsedLongestAgoGoesFirstAndNoMoreThanNeeded) {
  open(4 * kSize + kSize / 2);
  for (const char digest : {'a', 'b', 'c', 'd'}) publish(digest, kSize);
  age('a', 100);
  age('b', 400);
  age('c', 300);
  age('d', 200);
  EXPECT_TRUE(cache_->make_room(2 * kSize));
  EXPECT_FALSE(has('b'));
  EXPECT_FALSE(has('c'));
  EXPECT_TRUE(has('d'));
  EXPECT_TRUE(has('a'));
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

TEST_F(EvictAsRoot, FindingAnEntryMakesItYoung) {
  open(2 * kSize + kSize / 2);
  publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  age('b', 100);
  EXPECT_TRUE(cache_->find(entry_record('a', kSize)));
  EXPECT_TRUE(cache_->make_room(kSize));
  EXPECT_TRUE(has('a'));
  EXPECT_FALSE(has('b'));
}

TEST_F(EvictAsRoot, AnEntryMountedInAnyNamespaceStays) {
  open(2 * kSize + kSize / 2);
  const std::string mounted = publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  age('b', 100);
  test::write_file(stage_ / "target", "");
  const Mounter mounter(mounted, stage_ / "target");
  ASSERT_TRUE(mounter.mounted());
  EXPECT_TRUE(cache_->make_room(kSize));
  EXPECT_TRUE(has('a'));
  EXPECT_FALSE(has('b'));
  expect_no_room(2 * kSize);  // it counts, but cannot go
  EXPECT_TRUE(has('a'));
}

TEST_F(EvictAsRoot, AMountThatOnlyLooksLikeAnEntrysKeepsNothing) {
  open(2 * kSize + kSize / 2);
  publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  const std::string name = fs::path(entry('a')).filename();
  fs::create_directories(stage_ / ("forged/entries/" + name));
  test::write_file(stage_ / ("forged/entries/" + name + "/image.sif"), "");
  test::write_file(stage_ / "target", "");
  const Mounter mounter(stage_ / ("forged/entries/" + name + "/image.sif"), stage_ / "target");
  ASSERT_TRUE(mounter.mounted());
  EXPECT_TRUE(cache_->make_room(kSize));
  EXPECT_FALSE(has('a'));
}

TEST_F(EvictAsRoot, AnEntryAboutToBeMountedStays) {
  open(2 * kSize + kSize / 2);
  publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  age('b', 100);
  {
    const auto in_use = cache_->find(entry_record('a', kSize));
    ASSERT_TRUE(in_use);
    age('a', 200);
    EXPECT_TRUE(cache_->make_room(kSize));
    EXPECT_TRUE(has('a'));
    EXPECT_FALSE(has('b'));
    expect_no_room(2 * kSize);
  }
  EXPECT_TRUE(cache_->make_room(2 * kSize));
  EXPECT_FALSE(has('a'));
}

TEST_F(EvictAsRoot, NothingIsDroppedInVain) {
  open(3 * kSize);
  publish('a', kSize);
  publish('b', kSize);
  expect_no_room(3 * kSize + 1);
  expect_no_room(UINT64_MAX);
  expect_no_room(1ULL << 62U);
  EXPECT_TRUE(has('a'));
  EXPECT_TRUE(has('b'));
}

TEST_F(EvictAsRoot, ASmallDiskCountsLikeASmallLimit) {
  const std::string small = stage_.directory("small", 0700);
  ASSERT_EQ(::mount("test", small.c_str(), "tmpfs", 0, "size=4m,mode=0700"), 0);
  directory_ = small;
  open(1ULL << 40U);
  for (const char digest : {'a', 'b', 'c'}) publish(digest, kSize);
  age('b', 100);
  EXPECT_TRUE(cache_->make_room(kSize + kSize / 2));
  EXPECT_FALSE(has('b'));
  EXPECT_TRUE(has('a'));
  expect_no_room(5 * kSize);
  EXPECT_TRUE(has('a'));
  cache_.reset();
  ::umount2(small.c_str(), MNT_DETACH);
}

TEST_F(EvictAsRoot, TidyRemovesLeftoversAndKeepsTheRest) {
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

TEST_F(EvictAsRoot, TidyDoesNotMakeEntriesYoung) {
  publish('a');
  age('a', 500);
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat(entry('a').c_str(), &before), 0);
  ASSERT_TRUE(cache_->tidy());
  ASSERT_EQ(::stat(entry('a').c_str(), &after), 0);
  EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
}

TEST_F(EvictAsRoot, TidyKeepsHeldLocksAndRemovesOthers) {
  FileIdentity held_file, free_file;
  free_file.inode = 1;
  const auto held = cache_->lock_copy(1, held_file, monotonic_ms());
  ASSERT_TRUE(cache_->lock_copy(1, free_file, monotonic_ms()));
  ASSERT_TRUE(cache_->tidy());
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ + "/tmp"), fs::directory_iterator()),
            1);
  EXPECT_FALSE(cache_->lock_copy(1, held_file, monotonic_ms()));
}

TEST_F(EvictAsRoot, TidyForgetsFilesWhoseEntryIsGone) {
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
            1);
}

}  // namespace
}  // namespace sifguard
