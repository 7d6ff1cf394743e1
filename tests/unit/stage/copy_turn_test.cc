// Turns of copies: what the next one may believe of the last.
#include "helper/stage/copy_turn.h"

#include <gtest/gtest.h>

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
  [[nodiscard]] std::string file() const {
    return fs::directory_iterator(directory_ + "/tmp")->path();
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

TEST_F(TurnAsRoot, WhatIsTornOrOfAnotherBootIsNotBelieved) {
  copy();
  const std::string record = test::read_file(file());
  const auto expect_nothing = [&](const std::string& text) {
    test::write_file(file(), text);
    EXPECT_EQ(turn().digest_since(0), std::nullopt) << text;
  };
  for (std::size_t size = 0; size < record.size(); ++size) expect_nothing(record.substr(0, size));
  std::string other = record;
  other[0] = other[0] == '0' ? '1' : '0';
  expect_nothing(other);
  other = record;
  other[other.find(" 1000 ") + 1] = '2';
  expect_nothing(other);
  other = record;
  other[other.size() - 2] = 'g';
  expect_nothing(other);
  expect_nothing(record + record);
  expect_nothing(record + "\n");
  expect_nothing(std::string(300, ' ') + "\n");
  test::write_file(file(), record);
  EXPECT_EQ(turn().digest_since(0), digest_);
}

}  // namespace
}  // namespace sifguard
