// Dates as an admin writes them.
#include "keystore/policy/date.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(DateTest, ADateIsItsFirstOrLastSecondUtc) {
  // date -u -d '2027-12-31 23:59:59' +%s and so on
  EXPECT_EQ(*parse_date("2027-12-31", DayEdge::last_second), 1830297599);
  EXPECT_EQ(*parse_date("2026-01-01", DayEdge::first_second), 1767225600);
  EXPECT_EQ(*parse_date("2024-02-29", DayEdge::first_second), 1709164800);
  EXPECT_EQ(*parse_date("1970-01-01", DayEdge::first_second), 0);
  EXPECT_EQ(*parse_date("9999-12-31", DayEdge::last_second), 253402300799);
}

TEST(DateTest, AnInstantIsItself) {
  EXPECT_EQ(*parse_date("2026-01-31T12:34:56Z", DayEdge::first_second), 1769862896);
  EXPECT_EQ(*parse_date("2026-01-31T12:34:56Z", DayEdge::last_second), 1769862896);
}

TEST(DateTest, RefusesWhatIsNotInTheCalendarOrAnotherForm) {
  for (const char* text : {"",
                           "2026",
                           "2026-1-1",
                           "2026-02-30",
                           "2026-13-01",
                           "2026-00-10",
                           "2026-04-31",
                           "2025-02-29",
                           "2026-01-01 ",
                           " 2026-01-01",
                           "2026-01-01T00:00:00",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01t00:00:00z",
                           "01.01.2026",
                           "2026/01/01",
                           "20260101",
                           "-026-01-01",
                           "1969-12-31",
                           "2026-01-01T00:00:00+00:00"}) {
    const auto date = parse_date(text, DayEdge::first_second);
    ASSERT_FALSE(date) << text;
    EXPECT_EQ(date.error().code(), Code::usage);
  }
}

TEST(DateTest, FormatsToTheShortestTextThatReadsBack) {
  EXPECT_EQ(format_date(1830297599, DayEdge::last_second), "2027-12-31");
  EXPECT_EQ(format_date(1830297599, DayEdge::first_second), "2027-12-31T23:59:59Z");
  EXPECT_EQ(format_date(1767225600, DayEdge::first_second), "2026-01-01");
  EXPECT_EQ(format_date(1767225600, DayEdge::last_second), "2026-01-01T00:00:00Z");
}

}  // namespace
}  // namespace sifguard
