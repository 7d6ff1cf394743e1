#include "keystore/x509/clock_doubt.h"

#include <gtest/gtest.h>

#include "keystore/base/clock.h"

namespace sifguard {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;  // 2027-01-15
constexpr std::int64_t kYear = 365 * kDay;

using Times = std::vector<RecordedTime>;

void expect_doubt(const Times& times, std::int64_t now, const std::string& words) {
  const Status checked = check_clock(times, now);
  ASSERT_FALSE(checked) << words;
  EXPECT_EQ(checked.error().code(), Code::temporary);
  EXPECT_NE(checked.error().what().find(words), std::string::npos) << checked.error().what();
  EXPECT_NE(checked.error().remedy().find("--accept-clock"), std::string::npos);
}

TEST(ClockDoubt, NothingRecordedHoldsNothingUp) {
  EXPECT_TRUE(check_clock({}, kNow));
  EXPECT_FALSE(is_far_ahead({}, kNow));
  EXPECT_EQ(last_recorded({}, kNow), nullptr);
}

TEST(ClockDoubt, TheLatestOfAllIsHeldAgainst) {
  const Times old = {{"the last bundle was exported", kNow - kYear, true}};
  expect_doubt(old, kNow,
               "the clock says 2027-01-15T08:00:00Z, but the last bundle was exported 2026-");
  EXPECT_TRUE(is_far_ahead(old, kNow));
  Times both = old;
  both.push_back({"this keystore was changed last", kNow - kDay, false});
  EXPECT_TRUE(check_clock(both, kNow)) << "it was in use meanwhile";
  EXPECT_FALSE(is_far_ahead(both, kNow));
  expect_doubt(both, kNow + kLongestPause, "this keystore was changed last");
}

TEST(ClockDoubt, ItsBoundsAreHalfAYearAndFiveMinutes) {
  const Times one = {{"a", kNow, true}};
  EXPECT_TRUE(check_clock(one, kNow + kLongestPause));
  expect_doubt(one, kNow + kLongestPause + 1, "but a ");
  EXPECT_TRUE(check_clock(one, kNow - kClockSkew)) << "clocks differ a little";
  expect_doubt(one, kNow - kClockSkew - 1, "but a ");
}

TEST(ClockDoubt, WhatNeedNotPrecedeIsOfAnotherClock) {
  const Times ahead = {{"a", kNow + 14 * kYear, false}, {"b", kNow - kDay, false}};
  EXPECT_TRUE(check_clock(ahead, kNow));
  EXPECT_EQ(last_recorded(ahead, kNow)->what, "b");
  EXPECT_EQ(last_recorded({{"a", kNow + 1, false}}, kNow), nullptr) << "never one of the future";
}

}  // namespace
}  // namespace sifguard
