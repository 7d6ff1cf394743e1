// Turns of copies: what the next one may believe of the last.
#include "helper/stage/copy_turn.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <utility>

#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kUid = 1000;

class TurnAsRoot : public test::CacheAsRoot {
 protected:
  [[nodiscard]] CopyTurn turn(std::uint32_t uid = kUid) const {
    auto turn = cache_->copy_turn(uid, FileIdentity{}, 0);
    EXPECT_TRUE(turn);
    return *std::move(turn);
  }
  /// A copy that has come to its end.
  void copy() const {
    CopyTurn copying = turn();
    copying.begin();
    ASSERT_TRUE(cache_->reserve(copying, 5000));
    ASSERT_TRUE(copying.finish(digest_));
  }
  const std::string digest_ = std::string(64, 'a');
};

TEST_F(TurnAsRoot, ACopyCountsForWhoHadOpenedBeforeItBegan) {
  const std::int64_t before = boottime_ns();
  copy();
  EXPECT_EQ(turn().digest_since(before), digest_);
  EXPECT_EQ(turn().digest_since(0), digest_);
  EXPECT_EQ(turn().digest_since(boottime_ns()), std::nullopt);
  EXPECT_EQ(turn().digest_since(INT64_MAX), std::nullopt);
  EXPECT_EQ(turn().digest_since(-1), std::nullopt);
}

TEST_F(TurnAsRoot, WhatHasNotComeToItsEndIsNoCopy) {
  EXPECT_EQ(turn().digest_since(0), std::nullopt);
  CopyTurn copying = turn();
  copying.begin();
  EXPECT_EQ(copying.digest_since(0), std::nullopt);
  ASSERT_TRUE(cache_->reserve(copying, 5000));
  EXPECT_EQ(copying.digest_since(0), std::nullopt);
}

TEST_F(TurnAsRoot, TheNextCopyTakesTheLastOnesPlace) {
  copy();
  CopyTurn next = turn();
  next.begin();
  ASSERT_TRUE(cache_->reserve(next, 5000));
  EXPECT_EQ(next.digest_since(0), std::nullopt);
}

TEST_F(TurnAsRoot, AnotherUsersIsAnother) {
  copy();
  EXPECT_EQ(turn(kUid + 1).digest_since(0), std::nullopt);
}

TEST_F(TurnAsRoot, NothingIsLeftOfATurn) {
  copy();
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
  {
    CopyTurn first = turn();
    const CopyTurn moved = std::move(first);
    EXPECT_FALSE(fs::is_empty(directory_ + "/tmp"));
    EXPECT_FALSE(cache_->copy_turn(kUid, FileIdentity{}, 0));
  }
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

TEST_F(TurnAsRoot, WhoWaitedForATurnGetsTheNextAndLearnsWhatItFound) {
  const std::int64_t opened = boottime_ns();
  auto first = std::make_unique<CopyTurn>(turn());
  std::thread waiting([&] {
    const auto second = cache_->copy_turn(kUid, FileIdentity{}, 10'000);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->digest_since(opened), digest_);
    EXPECT_FALSE(cache_->copy_turn(kUid, FileIdentity{}, 0));
  });
  ::usleep(50'000);
  first->begin();
  ASSERT_TRUE(first->finish(digest_));
  first.reset();
  waiting.join();
}

TEST_F(TurnAsRoot, WhoeverReservesRemovesTheTurnsOfTheKilled) {
  for (int i = 0; i < 50; ++i) {
    test::write_file(directory_ + "/tmp/copy-" + std::to_string(i), "boot 1000 5000\n");
  }
  const CopyTurn copying = turn();
  ASSERT_TRUE(cache_->reserve(copying, 5000));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ + "/tmp"), fs::directory_iterator()),
            1);
}

}  // namespace
}  // namespace sifguard
