// Making room: what goes, in which order, and what stays because somebody needs it.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>

#include "helper/stage/cache_entry.h"
#include "tests/unit/policy/names.h"
#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;

/// The one name that was staged ahead; the table of files lies beside it.
fs::path the_preloaded(const fs::path& index) {
  for (const auto& entry : fs::directory_iterator(index)) {
    if (entry.path().filename().string().starts_with(kPreloadedPrefix)) return entry.path();
  }
  return {};
}
using test::CacheAsRoot;
using test::entry_record;

constexpr std::size_t kSize = 1U << 20U;
constexpr std::size_t kHalf = kSize / 2;
constexpr std::uint32_t kAlice = 1001, kBob = 1002;

class RoomAsRoot : public CacheAsRoot {
 protected:
  void TearDown() override {
    cache_.reset();
    if (!mounted_.empty()) ::umount2(mounted_.c_str(), MNT_DETACH);
  }
  /// A cache on a disk of its own.
  void open_on_disk(const std::string& size) {
    mounted_ = directory_ = stage_.directory("small", 0700);
    ASSERT_EQ(::mount("test", mounted_.c_str(), "tmpfs", 0, ("mode=0700,size=" + size).c_str()), 0);
    open(1ULL << 40U);
  }
  /// An entry of `bytes`, which need not be there: they are not looked at before there is room.
  void expect_no_entry(std::uint64_t bytes, std::uint32_t uid, const std::string& part) const {
    PrivateCopy copy = copy_of("x");
    copy.size = bytes;
    const auto entry = cache_->publish(std::move(copy), entry_record('z', 1), {}, {uid});
    ASSERT_FALSE(entry);
    EXPECT_EQ(entry.error().code(), Code::temporary);
    EXPECT_NE(entry.error().line().find(part), std::string::npos) << entry.error().line();
    EXPECT_NE(entry.error().line().find("administrator"), std::string::npos);
  }
  [[nodiscard]] CopyTurn turn(std::uint32_t uid, std::uint64_t inode) const {
    FileIdentity file;
    file.inode = inode;
    auto turn = cache_->copy_turn(uid, file, 0);
    EXPECT_TRUE(turn);
    return *std::move(turn);
  }
  void expect_no_copy(const CopyTurn& turn, std::uint64_t bytes, const std::string& part) const {
    const auto room = cache_->reserve(turn, bytes);
    ASSERT_FALSE(room);
    EXPECT_EQ(room.error().code(), Code::temporary);
    EXPECT_NE(room.error().line().find(part), std::string::npos) << room.error().line();
  }
  void preload(char digest) const {
    ASSERT_TRUE(cache_->remember_preloaded(test::name("/" + std::string(1, digest)),
                                           std::string(64, digest)));
  }

  std::string mounted_;
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

TEST_F(RoomAsRoot, NothingGoesWhileThereIsRoom) {
  publish('a', kSize);
  publish_for(kAlice, 'b', kSize);
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 1), kSize));
  EXPECT_TRUE(has('a') && has('b'));
}

TEST_F(RoomAsRoot, WhatWasUsedLongestAgoGoesFirstAndNoMoreThanNeeded) {
  open(4 * kSize + kHalf, 4 * kSize);
  for (const char digest : {'a', 'b', 'c', 'd'}) publish(digest, kSize);
  age('a', 100);
  age('b', 400);
  age('c', 300);
  age('d', 200);
  publish_for(kAlice, 'e', 2 * kSize);
  EXPECT_FALSE(has('b') || has('c'));
  EXPECT_TRUE(has('a') && has('d') && has('e'));
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

TEST_F(RoomAsRoot, FindingAnEntryMakesItYoung) {
  open(2 * kSize + kHalf);
  publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  age('b', 100);
  EXPECT_TRUE(cache_->find(entry_record('a', kSize)));
  publish('c', kSize);
  EXPECT_TRUE(has('a'));
  EXPECT_FALSE(has('b'));
}

TEST_F(RoomAsRoot, AnEntryMountedInAnyNamespaceStays) {
  open(2 * kSize + kHalf);
  const std::string mounted = publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  age('b', 100);
  test::write_file(stage_ / "target", "");
  const Mounter mounter(mounted, stage_ / "target");
  ASSERT_TRUE(mounter.mounted());
  publish('c', kSize);
  EXPECT_TRUE(has('a'));
  EXPECT_FALSE(has('b'));
  expect_no_entry(2 * kSize, 0, "no space");  // it counts, but cannot go
  EXPECT_TRUE(has('a') && has('c'));
}

TEST_F(RoomAsRoot, AMountThatOnlyLooksLikeAnEntrysKeepsNothing) {
  open(2 * kSize + kHalf);
  publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  const std::string name = fs::path(entry('a')).filename();
  fs::create_directories(stage_ / ("forged/entries/" + name));
  test::write_file(stage_ / ("forged/entries/" + name + "/image.sif"), "");
  test::write_file(stage_ / "target", "");
  const Mounter mounter(stage_ / ("forged/entries/" + name + "/image.sif"), stage_ / "target");
  ASSERT_TRUE(mounter.mounted());
  publish('c', kSize);
  EXPECT_FALSE(has('a'));
}

TEST_F(RoomAsRoot, AnEntryAboutToBeMountedStays) {
  open(2 * kSize + kHalf);
  publish('a', kSize);
  publish('b', kSize);
  age('a', 200);
  age('b', 100);
  {
    const auto in_use = cache_->find(entry_record('a', kSize));
    ASSERT_TRUE(in_use);
    age('a', 200);
    publish('c', kSize);
    EXPECT_TRUE(has('a'));
    EXPECT_FALSE(has('b'));
    expect_no_entry(2 * kSize, 0, "no space");
  }
  publish('d', 2 * kSize);
  EXPECT_FALSE(has('a') || has('c'));
}

TEST_F(RoomAsRoot, NothingIsDroppedInVain) {
  open(3 * kSize);
  publish('a', kSize);
  publish('b', kSize);
  for (const std::uint64_t bytes : {std::uint64_t{3 * kSize + 1}, std::uint64_t{1} << 62U}) {
    expect_no_entry(bytes, 0, "no space");
    expect_no_copy(turn(0, 1), bytes, "no space");
    expect_no_entry(bytes, kAlice, "one user");
  }
  EXPECT_TRUE(has('a') && has('b'));
}

TEST_F(RoomAsRoot, ACopyPushesNothingOutOfAFullCacheWhileTheDiskHasSpace) {
  open(2 * kSize + kHalf, 2 * kSize);
  publish('a', kSize);
  publish_for(kAlice, 'b', kSize);
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 1), 2 * kSize));
  EXPECT_TRUE(cache_->reserve(turn(kBob, 1), 2 * kSize));
  EXPECT_TRUE(has('a') && has('b'));
}

TEST_F(RoomAsRoot, WhereTheDiskHasNoneACopyTakesTheUsersOwnFirst) {
  open_on_disk("4m");
  publish_for(kBob, 'a', kSize);
  publish_for(kAlice, 'b', kSize);
  publish_for(kBob, 'c', kSize);
  age('a', 300);
  age('b', 200);
  age('c', 100);
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 1), kSize + kHalf));
  EXPECT_FALSE(has('b'));
  EXPECT_TRUE(has('a') && has('c'));
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 1), 2 * kSize + kHalf));
  EXPECT_FALSE(has('a'));
  EXPECT_TRUE(has('c'));
  expect_no_copy(turn(kAlice, 1), 5 * kSize, "no space");
  EXPECT_TRUE(has('c'));
}

TEST_F(RoomAsRoot, WhatIsPreloadedGivesWayToPreloadingAlone) {
  open_on_disk("4m");
  publish('a', kSize);
  publish('b', kSize);
  preload('a');
  age('a', 300);
  expect_no_copy(turn(kAlice, 1), 3 * kSize + kHalf, "no space");
  EXPECT_TRUE(has('a') && has('b'));
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 1), 2 * kSize + kHalf));
  EXPECT_TRUE(has('a'));
  EXPECT_FALSE(has('b'));
  EXPECT_TRUE(cache_->reserve(turn(0, 1), 3 * kSize + kHalf));
  EXPECT_FALSE(has('a'));
}

TEST_F(RoomAsRoot, AnEntryOfAUserDoesNotPushOutWhatIsPreloaded) {
  open(2 * kSize + kHalf, 2 * kSize);
  publish('a', kSize);
  publish('b', kSize);
  preload('a');
  preload('b');
  expect_no_entry(kSize, kAlice, "no space");
  // Another image was staged ahead in its place.
  ASSERT_TRUE(cache_->remember_preloaded(test::name("/a"), std::string(64, 'c')));
  publish_for(kAlice, 'd', kSize);
  EXPECT_FALSE(has('a'));
  EXPECT_TRUE(has('b'));
  publish('e', 2 * kSize);
  EXPECT_FALSE(has('b') || has('d'));
}

TEST_F(RoomAsRoot, WhatOtherBootsPreloadedCountsNoMore) {
  open(2 * kSize + kHalf, 2 * kSize);
  publish('a', kSize);
  publish('b', kSize);
  age('a', 300);
  preload('a');
  const fs::path file = the_preloaded(directory_ + "/index");
  std::string name = file.filename();
  char& digit = name.at(kPreloadedPrefix.size());  // of the boot
  digit = digit == '0' ? '1' : '0';
  fs::rename(file, file.parent_path() / name);
  publish_for(kAlice, 'c', kSize);
  EXPECT_FALSE(has('a'));
}

TEST_F(RoomAsRoot, AUserPastHisLimitLosesHisOwnAndNobodyElses) {
  open(10 * kSize, 2 * kSize + kHalf);
  publish_for(kBob, 'a', kSize);
  publish('b', kSize);
  publish_for(kAlice, 'c', kSize);
  publish_for(kAlice, 'd', kSize);
  age('a', 400);
  age('b', 300);
  age('c', 100);
  age('d', 200);
  publish_for(kAlice, 'e', kSize);
  EXPECT_FALSE(has('d'));
  EXPECT_TRUE(has('a') && has('b') && has('c') && has('e'));
}

TEST_F(RoomAsRoot, AUserWhoseImagesAreInUseMustWait) {
  open(10 * kSize, 2 * kSize + kHalf);
  publish_for(kBob, 'a', kSize);
  publish_for(kAlice, 'b', kSize);
  publish_for(kAlice, 'c', kSize);
  {
    const auto b = cache_->find(entry_record('b', kSize));
    expect_no_entry(2 * kSize, kAlice, "cache_max_bytes_per_user");
    EXPECT_TRUE(has('a') && has('b') && has('c'));
  }
  publish_for(kBob, 'd', kSize);
  expect_no_entry(3 * kSize, kAlice, "one user may have 2621440");
  EXPECT_TRUE(has('b') && has('c'));
}

TEST_F(RoomAsRoot, WhatIsPreloadedIsNoUsersOwn) {
  open(10 * kSize, kSize + kHalf);
  publish_for(kAlice, 'a', kSize);
  preload('a');
  publish_for(kAlice, 'b', kSize);
  EXPECT_TRUE(has('a') && has('b'));
}

TEST_F(RoomAsRoot, TheLimitOfAUserIsHalfTheCacheAndRootHasNone) {
  open(4 * kSize);
  expect_no_entry(2 * kSize + 1, kAlice, "one user");
  expect_no_copy(turn(kAlice, 1), 2 * kSize + 1, "one user");
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 1), 2 * kSize));
  EXPECT_TRUE(cache_->reserve(turn(0, 1), 3 * kSize));
}

TEST_F(RoomAsRoot, EntriesHaveALimitInNumberOfWhichAUserHasHalf) {
  open(64 * kSize, 0, 6);
  for (const char digest : {'a', 'b', 'c'}) publish_for(kAlice, digest, 5000);
  publish_for(kBob, 'd', 5000);
  age('a', 300);
  age('b', 400);
  age('d', 500);
  publish_for(kAlice, 'e', 5000);  // her fourth: the one that she used longest ago goes
  EXPECT_FALSE(has('b'));
  EXPECT_TRUE(has('a') && has('c') && has('d') && has('e'));
  publish('f', 5000);
  publish('1', 5000);
  EXPECT_TRUE(has('a') && has('c'));
  publish('2', 5000);  // the seventh
  EXPECT_FALSE(has('d'));
  const auto a = cache_->find(entry_record('a', 5000));
  const auto c = cache_->find(entry_record('c', 5000));
  const auto e = cache_->find(entry_record('e', 5000));
  const auto another = try_publish('3', 5000, kAlice);
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().code(), Code::temporary);
  EXPECT_NE(another.error().line().find("as many as one user may have: 3"), std::string::npos);
}

TEST_F(RoomAsRoot, CopiesInProgressCountUntilTheirTurnsEnd) {
  open(6 * kSize, 3 * kSize);
  {
    const CopyTurn first = turn(kAlice, 1);
    ASSERT_TRUE(cache_->reserve(first, 2 * kSize));
    expect_no_copy(turn(kAlice, 2), kSize + 1, "being copied");
    ASSERT_TRUE(cache_->reserve(first, 2 * kSize)) << "its own does not count twice";
    const CopyTurn second = turn(kAlice, 3);
    ASSERT_TRUE(cache_->reserve(second, kSize));
    expect_no_copy(turn(kAlice, 4), 1, "being copied");
    const CopyTurn other = turn(kBob, 1);
    ASSERT_TRUE(cache_->reserve(other, 3 * kSize));
    expect_no_copy(turn(0, 1), 1, "no space");
  }
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 2), 3 * kSize));
}

TEST_F(RoomAsRoot, AKilledHelpersCopyDoesNotCount) {
  open(6 * kSize, 3 * kSize);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const CopyTurn held = turn(kAlice, 1);
    const char byte = cache_->reserve(held, 3 * kSize) ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  expect_no_copy(turn(kAlice, 2), 1, "being copied");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(cache_->reserve(turn(kAlice, 2), 3 * kSize));
}

}  // namespace
}  // namespace sifguard
