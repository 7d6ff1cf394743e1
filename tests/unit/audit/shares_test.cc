// What each user has written of late leaks away, and is not forgotten otherwise.
#include "keystore/audit/shares.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kShare = WrittenShares::kShare;
constexpr std::int64_t kDay = WrittenShares::kDaySeconds;

TEST(SharesTest, LeakAwayAShareADay) {
  WrittenShares shares;
  EXPECT_EQ(shares.of(7, kNow), 0);
  shares.add(7, kShare, kNow);
  shares.add(8, 10, kNow);
  EXPECT_EQ(shares.of(7, kNow), kShare);
  EXPECT_EQ(shares.of(7, kNow + kDay / 2), kShare / 2);
  EXPECT_EQ(shares.of(7, kNow + kDay), 0);
  EXPECT_EQ(shares.of(7, kNow + 100 * kDay), 0);
  shares.add(7, 100, kNow + kDay / 2);
  EXPECT_EQ(shares.of(7, kNow + kDay / 2), kShare / 2 + 100);
  EXPECT_EQ(shares.of(8, kNow), 10);
}

TEST(SharesTest, AreNeverMoreThanTwo) {
  WrittenShares shares;
  for (int i = 0; i < 10; ++i) shares.add(7, std::size_t{1} << 40U, kNow);
  EXPECT_EQ(shares.of(7, kNow), 2 * kShare);
  EXPECT_EQ(shares.of(7, kNow + 2 * kDay), 0);
}

TEST(SharesTest, AClockThatIsSetBackGivesNothingBack) {
  WrittenShares shares;
  shares.add(7, kShare, kNow);
  EXPECT_EQ(shares.of(7, kNow - 5 * kDay), kShare);
  shares.add(7, 1, kNow - 5 * kDay);
  EXPECT_EQ(shares.of(7, kNow), kShare + 1);
  EXPECT_EQ(shares.of(7, std::int64_t{1} << 62U), 0);
  EXPECT_EQ(shares.of(7, 0), kShare + 1);
}

TEST(SharesTest, AreReadAsWritten) {
  WrittenShares shares;
  shares.add(7, 100, kNow);
  shares.add(1002, 5, kNow);
  EXPECT_EQ(shares.format(), "7 1800000000 100\n1002 1800000000 5\n");
  EXPECT_EQ(WrittenShares::parse(shares.format()).format(), shares.format());
}

TEST(SharesTest, WhatIsMalformedEndsTheReading) {
  for (const char* text : {"", "x", "1 2", "1 2 3 4", "1 -2 3\n", "1 2 -3\n", "1  2 3",
                           "1 2 2097153", "99999999999999999999 1 1"}) {
    EXPECT_EQ(WrittenShares::parse(text).format(), "") << text;
  }
  EXPECT_EQ(WrittenShares::parse("1 2 3\nbad\n5 6 7\n").format(), "1 2 3\n");
}

TEST(SharesTest, OfTooManyUsersWhoWroteLeastIsForgotten) {
  WrittenShares shares;
  shares.add(1, 500, kNow);
  for (int uid = 2; uid < 4200; ++uid) shares.add(uid, 100, kNow);
  EXPECT_EQ(shares.of(1, kNow), 500);
  EXPECT_EQ(shares.of(4199, kNow), 100);
  EXPECT_EQ(shares.of(2, kNow), 0);
  EXPECT_LT(shares.format().size(), 200'000U);
}

}  // namespace
}  // namespace sifguard
