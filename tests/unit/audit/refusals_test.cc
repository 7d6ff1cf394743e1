// Refusals of one user in a minute: some are written, the others counted.
#include "keystore/audit/refusals.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(RefusalsTest, BeyondTheLimitTheyAreCounted) {
  RefusalCounts counts;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(counts.admit(7, 3, 1000 + i), i < 3) << i;
  EXPECT_TRUE(counts.admit(8, 3, 1000));  // of another user
  EXPECT_TRUE(counts.take_ended(1059).empty());
  const auto ended = counts.take_ended(1060);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].uid, 7);
  EXPECT_EQ(ended[0].since, 1000);
  EXPECT_EQ(ended[0].count, 7);
  EXPECT_TRUE(counts.take_ended(1060).empty());
  EXPECT_TRUE(counts.admit(7, 3, 1060));
}

TEST(RefusalsTest, AClockSetBackEndsTheWindow) {
  RefusalCounts counts;
  EXPECT_TRUE(counts.admit(7, 1, 1000));
  EXPECT_FALSE(counts.admit(7, 1, 1000));
  EXPECT_EQ(counts.take_ended(999).size(), 1U);
}

TEST(RefusalsTest, IsReadAsWritten) {
  RefusalCounts counts;
  for (int i = 0; i < 5; ++i) (void)counts.admit(-1, 2, 1000);
  (void)counts.admit(7, 2, 1001);
  EXPECT_EQ(counts.format(), "-1 1000 2 3\n7 1001 1 0\n");
  RefusalCounts again = RefusalCounts::parse(counts.format());
  EXPECT_EQ(again.format(), counts.format());
  EXPECT_FALSE(again.admit(-1, 2, 1002));
}

TEST(RefusalsTest, WhatIsMalformedEndsTheReading) {
  for (const char* text : {"", "x", "1 2 3", "1 2 3 4 5", "1 2 3 -4\n", "1 2 -3 4", "1  2 3 4",
                           "99999999999999999999 1 1 1"}) {
    EXPECT_EQ(RefusalCounts::parse(text).format(), "") << text;
  }
  EXPECT_EQ(RefusalCounts::parse("1 2 3 4\nbad\n5 6 7 8\n").format(), "1 2 3 4\n");
}

TEST(RefusalsTest, ManyUsersDoNotGrowItWithoutBound) {
  RefusalCounts counts;
  for (int uid = 0; uid < 10000; ++uid) EXPECT_TRUE(counts.admit(uid, 1, 1000));
  EXPECT_LT(counts.format().size(), 200'000U);
  EXPECT_TRUE(counts.admit(9999, 1, 1000));  // not counted: written
  EXPECT_FALSE(counts.admit(1, 1, 1000));
}

}  // namespace
}  // namespace sifguard
