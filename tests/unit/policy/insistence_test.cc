// What a node enforces, by who says so.
#include "keystore/policy/insistence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using testing::HasSubstr;

Result<std::optional<Config>> settle(const std::string& yaml, const Insistence& insistence) {
  return settle_enforcement(parse_config(yaml), insistence);
}

const Insistence kNobody{};
const Insistence kArgument{true, false};
const Insistence kRemembered{false, true};

TEST(SettleEnforcement, IsTheFilesWhereItSays) {
  for (const Insistence& insistence : {kNobody, kArgument, kRemembered, Insistence{true, true}}) {
    EXPECT_EQ((*settle("enforce: always", insistence))->enforce, Enforce::always);
    const auto some = settle("enforce: {partitions: [a]}", insistence);
    EXPECT_EQ((*some)->enforce, Enforce::partitions);
    EXPECT_EQ((*some)->enforced_partitions, std::vector<std::string>{"a"});
  }
  EXPECT_EQ((*settle("enforce: requested", kNobody))->enforce, Enforce::requested);
  EXPECT_EQ((*settle("enforce: requested", kRemembered))->enforce, Enforce::requested);
}

TEST(SettleEnforcement, AFileThatIsNotUnderstoodRefusesIfAnybodyInsists) {
  EXPECT_FALSE(settle("Enforce: always", kNobody)->has_value());
  for (const Insistence& insistence : {kArgument, kRemembered}) {
    const auto settled = settle("Enforce: always", insistence);
    ASSERT_FALSE(settled);
    EXPECT_EQ(settled.error().code(), Code::config);
    EXPECT_THAT(settled.error().line(), HasSubstr("sifguard.yaml:1: unknown field 'Enforce'"));
    EXPECT_THAT(settled.error().line(),
                HasSubstr(insistence.argument ? "plugstack.conf says" : "when it was last"));
  }
}

TEST(SettleEnforcement, ADamagedMemoryIsNamed) {
  const Insistence damaged{false, true, "/var/lib/x"};
  const auto settled = settle("", damaged);
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().code(), Code::config);
  EXPECT_THAT(settled.error().line(), HasSubstr("in /var/lib/x is damaged or not root's alone"));
  EXPECT_EQ((*settle("enforce: requested", damaged))->enforce, Enforce::requested);
}

TEST(SettleEnforcement, AFileThatIsUnderstoodEndsWhatIsRemembered) {
  for (const char* yaml : {"version: 1", "enforce_hardening: warn", "enforce: requested", "{}",
                           "version: 1\nkeystore: /k\n", "# enforce: requested\n"}) {
    for (const Insistence& insistence : {kRemembered, Insistence{false, true, "/var/lib/x"}}) {
      const auto settled = settle(yaml, insistence);
      ASSERT_TRUE(settled && *settled) << yaml;
      EXPECT_EQ((*settled)->enforce, Enforce::requested) << yaml;
    }
  }
}

TEST(SettleEnforcement, AFileThatIsGoneOrEmptyEndsNothing) {
  for (const char* yaml : {"", "\n\n", "  \n"}) {
    EXPECT_EQ((*settle(yaml, kNobody))->enforce, Enforce::requested);
    EXPECT_EQ((*settle(yaml, kArgument))->enforce, Enforce::always);
    for (const Insistence& insistence : {kRemembered, Insistence{true, true}}) {
      const auto settled = settle(yaml, insistence);
      ASSERT_FALSE(settled) << yaml;
      EXPECT_EQ(settled.error().code(), Code::config);
      EXPECT_THAT(settled.error().line(), HasSubstr("is gone or empty"));
      EXPECT_THAT(settled.error().line(), HasSubstr("'enforce: requested'"));
    }
  }
  EXPECT_FALSE(settle_enforcement(default_config(), kRemembered)) << "what is absent is empty";
}

TEST(SettleEnforcement, TheArgumentMeansAlwaysAndIsNotContradicted) {
  EXPECT_EQ((*settle("version: 1", kArgument))->enforce, Enforce::always);
  const auto settled = settle("enforce: requested", kArgument);
  ASSERT_FALSE(settled);
  EXPECT_THAT(settled.error().line(), HasSubstr("plugstack.conf says 'enforce'"));
}

TEST(SettleEnforcement, WhatMayPassIsNoFactAboutTheFile) {
  const Result<Config> unread = fail(Code::temporary, "no memory");
  for (const Insistence& insistence : {kNobody, kArgument, kRemembered}) {
    const auto settled = settle_enforcement(unread, insistence);
    ASSERT_FALSE(settled);
    EXPECT_EQ(settled.error().code(), Code::temporary);
  }
}

}  // namespace
}  // namespace sifguard
