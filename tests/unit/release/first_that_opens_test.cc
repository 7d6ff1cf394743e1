// A key and its successors, tried in turn.
#include "helper/release/first_that_opens.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

std::vector<KeyRecord> keys(std::initializer_list<const char*> names) {
  std::vector<KeyRecord> all;
  for (const char* name : names) all.emplace_back().name = name;
  return all;
}

const Error kNone(Code::internal, "no key");

/// Opens with the key of this name; any other is refused with its own.
struct OpensWith {
  std::string name;
  Code code = Code::refused;
  mutable std::vector<std::string> tried = {};
  Result<std::string> operator()(const KeyRecord& key) const {
    tried.push_back(key.name);
    if (key.name == name) return key.name;
    return fail(code, "not with " + key.name);
  }
};

TEST(FirstThatOpens, IsTheFirstAndNoOtherIsTried) {
  const OpensWith open{"new"};
  EXPECT_EQ(*first_that_opens(keys({"old", "new", "newer"}), kNone, open), "new");
  EXPECT_EQ(open.tried, (std::vector<std::string>{"old", "new"}));
}

TEST(FirstThatOpens, ADeniedOneIsPassedOver) {
  const OpensWith open{"new", Code::denied};
  EXPECT_EQ(*first_that_opens(keys({"old", "new"}), kNone, open), "new");
}

TEST(FirstThatOpens, TellsTheRefusalOfTheKeyThatIsNamed) {
  const OpensWith open{"another"};
  const auto opened = first_that_opens(keys({"old", "new"}), kNone, open);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().what(), "not with old");
  EXPECT_EQ(open.tried.size(), 2U);
}

TEST(FirstThatOpens, AnyOtherErrorEndsIt) {
  for (const Code code : {Code::internal, Code::config, Code::temporary, Code::unavailable}) {
    const OpensWith open{"new", code};
    const auto opened = first_that_opens(keys({"old", "new"}), kNone, open);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), code);
    EXPECT_EQ(open.tried.size(), 1U);
  }
}

TEST(FirstThatOpens, WithoutAnyKeyNothingIsTried) {
  const OpensWith open{"new"};
  const auto opened = first_that_opens({}, kNone, open);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().what(), "no key");
  EXPECT_TRUE(open.tried.empty());
}

TEST(FirstThatOpens, TakesAStatus) {
  const auto refuse = [](const KeyRecord&) -> Status { return fail(Code::refused, "no"); };
  EXPECT_FALSE(first_that_opens(keys({"old"}), kNone, refuse));
  EXPECT_TRUE(first_that_opens(keys({"old"}), kNone, [](const KeyRecord&) { return Status(); }));
}

}  // namespace
}  // namespace sifguard
