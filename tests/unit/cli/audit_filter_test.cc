// Which records of an audit log are wanted, and times as they are typed.
#include "keystore/cli/audit_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "keystore/cli/audit_lines.h"

namespace sifguard {
namespace {

constexpr const char* kStarted =
    R"({"time":"2026-01-30T10:00:00.000Z","event":"started","job":7,"step":0,"node":"n1","user":"alice",)"
    R"("uid":1001,"image":"cow.sif","path":"/apps/cow.sif","digest":"sha256:12ab","bindings":["cow","barn"],)"
    R"("signers":["12045C8C","spki:00ff"],"key_id":"4c4b","release":"mount","decision":"allow"})";
constexpr const char* kChanged =
    R"({"time":"2026-01-31T10:00:00.000Z","event":"changed","node":"admin","user":"root","uid":0,)"
    R"("command":["key","create","c\\x22w"]})";

/// Both looks at the line must agree on what is wanted.
bool wanted(const char* line, const AuditFilter& filter) {
  const auto record = parse_audit_line(line);
  EXPECT_TRUE(record);
  const bool is = record && is_wanted(*record, filter);
  EXPECT_TRUE(may_be_wanted(line, filter) || !is);
  return is;
}

TEST(AuditFilterTest, EverythingIsWantedByDefault) {
  EXPECT_TRUE(wanted(kStarted, {}));
  EXPECT_TRUE(wanted(kChanged, {}));
}

TEST(AuditFilterTest, EachFieldIsAskedForByItself) {
  const std::vector<AuditFilter> filters = {{.job = 7},
                                            {.user = "alice"},
                                            {.user = "1001"},
                                            {.image = "apps/c"},
                                            {.image = "12ab"},
                                            {.decision = "allow"},
                                            {.event = "started"},
                                            {.node = "n1"},
                                            {.binding = "barn"},
                                            {.signer = "045c8c"},
                                            {.signer = "SPKI:00"},
                                            {.key = "4c"},
                                            {.digest = "12"},
                                            {.since = "2026-01-30T10:00:00.000Z"},
                                            {.until = "2026-01-30T10:00:00.000Z"}};
  for (std::size_t i = 0; i < filters.size(); ++i) {
    EXPECT_TRUE(wanted(kStarted, filters[i])) << i;
  }
}

TEST(AuditFilterTest, WhatIsOnlyAPartOfANameIsNotTheName) {
  const std::vector<AuditFilter> filters = {{.job = 70},
                                            {.user = "alic"},
                                            {.user = "100"},
                                            {.image = "/apps/dog"},
                                            {.decision = "all"},
                                            {.event = "start"},
                                            {.node = "n"},
                                            {.node = "n11"},
                                            {.binding = "bar"},
                                            {.binding = "cow barn"},
                                            {.signer = "ffff"},
                                            {.key = "c4"},
                                            {.digest = "2a"},
                                            {.digest = "sha256:12"},
                                            {.since = "2026-01-30T10:00:00.001Z"},
                                            {.until = "2026-01-30T09:59:59.999Z"},
                                            {.job = 7, .node = "n2"}};
  for (std::size_t i = 0; i < filters.size(); ++i) {
    EXPECT_FALSE(wanted(kStarted, filters[i])) << i;
  }
}

TEST(AuditFilterTest, AFieldThatARecordHasNotIsNotTheOneAskedFor) {
  EXPECT_FALSE(wanted(kChanged, {.key = "4"}));
  EXPECT_FALSE(wanted(kChanged, {.signer = "a"}));
  EXPECT_FALSE(wanted(kChanged, {.job = 7}));
}

TEST(AuditFilterTest, WordsOfACommandAreFoundAcrossTheirBlank) {
  EXPECT_TRUE(wanted(kChanged, {.image = "key create"}));
  EXPECT_TRUE(wanted(kChanged, {.image = "c\\x22w"}));
  EXPECT_FALSE(wanted(kChanged, {.image = "key destroy"}));
}

TEST(AuditFilterTest, TheFirstLookSparesAnEarlierLineTheParser) {
  EXPECT_FALSE(may_be_wanted(kStarted, {.since = "2026-01-31T00:00:00.000Z"}));
  EXPECT_FALSE(may_be_wanted(kStarted, {.binding = "horse"}));
  EXPECT_TRUE(
      may_be_wanted("{\"event\":\"of another form\"}", {.since = "2026-01-31T00:00:00.000Z"}));
}

constexpr std::int64_t kNow = 1769853600;  // 2026-01-31T10:00:00Z

TEST(AuditTimeTest, TimesAreTypedAsAnAdminThinksThem) {
  EXPECT_EQ(parse_audit_time("", false, kNow), "");
  EXPECT_EQ(parse_audit_time("today", false, kNow), "2026-01-31T00:00:00.000Z");
  EXPECT_EQ(parse_audit_time("today", true, kNow), "2026-01-31T23:59:59.999Z");
  EXPECT_EQ(parse_audit_time("yesterday", false, kNow), "2026-01-30T00:00:00.000Z");
  EXPECT_EQ(parse_audit_time("yesterday", true, kNow), "2026-01-30T23:59:59.999Z");
  EXPECT_EQ(parse_audit_time("-30d", false, kNow), "2026-01-01T10:00:00.000Z");
  EXPECT_EQ(parse_audit_time("-12h", false, kNow), "2026-01-30T22:00:00.000Z");
  EXPECT_EQ(parse_audit_time("-15m", true, kNow), "2026-01-31T09:45:00.999Z");
  EXPECT_EQ(parse_audit_time("2026-01-30", true, kNow), "2026-01-30T23:59:59.999Z");
}

TEST(AuditTimeTest, AnythingElseIsNoTime) {
  for (const char* typed :
       {"-", "-d", "-30", "-30y", "--30d", "-3.5d", "-99999999999999999999d", "-36501d", "-30000d",
        "30d", "tomorrow", "Yesterday", "2026-02-30", "-1d "}) {
    const auto time = parse_audit_time(typed, false, kNow);
    EXPECT_TRUE(!time && time.error().code() == Code::usage) << typed;
  }
}

}  // namespace
}  // namespace sifguard
