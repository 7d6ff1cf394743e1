// What a node enforces, by who says so.
#include "keystore/policy/insistence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using enforcement_record::Identity;
using testing::HasSubstr;

Identity there(std::uint64_t size = 10) {
  Identity identity;
  identity.kind = Identity::kThere;
  identity.size = size;
  return identity;
}

Identity absent() {
  Identity identity;
  identity.kind = Identity::kAbsent;
  return identity;
}

Result<std::optional<Config>> settle(const std::string& yaml, const Identity& file,
                                     const Insistence& insistence) {
  return settle_enforcement(parse_config(yaml), file, insistence);
}

const Insistence kNobody{};
const Insistence kArgument{true, false};
const Insistence kRemembered{false, true};

TEST(SettleEnforcement, IsTheFilesWhereItSays) {
  for (const Insistence& insistence : {kNobody, kArgument, kRemembered, Insistence{true, true}}) {
    EXPECT_EQ((*settle("enforce: always", there(), insistence))->enforce, Enforce::always);
    const auto some = settle("enforce: {partitions: [a]}", there(), insistence);
    EXPECT_EQ((*some)->enforce, Enforce::partitions);
    EXPECT_EQ((*some)->enforced_partitions, std::vector<std::string>{"a"});
  }
  EXPECT_EQ((*settle("enforce: requested", there(), kNobody))->enforce, Enforce::requested);
  EXPECT_EQ((*settle("enforce: requested", there(), kRemembered))->enforce, Enforce::requested);
}

TEST(SettleEnforcement, AFileThatIsNotUnderstoodRefusesIfAnybodyInsists) {
  EXPECT_FALSE(settle("Enforce: always", there(), kNobody)->has_value());
  for (const Insistence& insistence : {kArgument, kRemembered}) {
    const auto settled = settle("Enforce: always", there(), insistence);
    ASSERT_FALSE(settled);
    EXPECT_EQ(settled.error().code(), Code::config);
    EXPECT_THAT(settled.error().line(), HasSubstr("sifguard.yaml:1: unknown field 'Enforce'"));
    EXPECT_THAT(settled.error().line(),
                HasSubstr(insistence.argument ? "plugstack.conf says" : "when it was last"));
  }
}

TEST(SettleEnforcement, ADamagedMemoryIsNamed) {
  const Insistence damaged{false, true, "/var/lib/x"};
  const auto settled = settle("{}", there(), damaged);
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().code(), Code::config);
  EXPECT_THAT(settled.error().line(), HasSubstr("in /var/lib/x is damaged or not root's alone"));
  EXPECT_EQ((*settle("enforce: requested", there(), damaged))->enforce, Enforce::requested);
}

TEST(SettleEnforcement, AFileThatIsUnderstoodEndsWhatIsRemembered) {
  for (const char* yaml : {"version: 1", "enforce_hardening: warn", "enforce: requested",
                           "version: 1\nkeystore: /k\n"}) {
    for (const Insistence& insistence : {kRemembered, Insistence{false, true, "/var/lib/x"}}) {
      const auto settled = settle(yaml, there(), insistence);
      ASSERT_TRUE(settled && *settled) << yaml;
      EXPECT_EQ((*settled)->enforce, Enforce::requested) << yaml;
    }
  }
}

TEST(SettleEnforcement, AFileThatSaysNothingEndsNothing) {
  for (const char* yaml : {"", "{}", "# enforce: always\n", "\n\n"}) {
    EXPECT_EQ((*settle(yaml, there(), kNobody))->enforce, Enforce::requested) << yaml;
    EXPECT_EQ((*settle(yaml, there(), kArgument))->enforce, Enforce::always) << yaml;
    for (const Insistence& insistence : {kRemembered, Insistence{true, true}}) {
      const auto settled = settle(yaml, there(), insistence);
      ASSERT_FALSE(settled) << yaml;
      EXPECT_EQ(settled.error().code(), Code::config);
      EXPECT_THAT(settled.error().line(), HasSubstr("sifguard.yaml says nothing")) << yaml;
      EXPECT_THAT(settled.error().line(), HasSubstr("'enforce: requested'")) << yaml;
    }
  }
}

TEST(SettleEnforcement, ALostFileEndsNothing) {
  for (const Identity& file : {absent(), there(0), Identity{}}) {
    EXPECT_FALSE(settle("", file, kRemembered));
    EXPECT_EQ((*settle("", file, kNobody))->enforce, Enforce::requested);
    EXPECT_EQ((*settle("", file, kArgument))->enforce, Enforce::always);
  }
}

TEST(SettleEnforcement, TheArgumentMeansAlwaysAndIsNotContradicted) {
  EXPECT_EQ((*settle("version: 1", there(), kArgument))->enforce, Enforce::always);
  const auto settled = settle("enforce: requested", there(), kArgument);
  ASSERT_FALSE(settled);
  EXPECT_THAT(settled.error().line(), HasSubstr("plugstack.conf says 'enforce'"));
}

TEST(SettleEnforcement, WhatMayPassIsNoFactAboutTheFile) {
  const Result<Config> unread = fail(Code::temporary, "no memory");
  for (const Insistence& insistence : {kNobody, kArgument, kRemembered}) {
    const auto settled = settle_enforcement(unread, there(), insistence);
    ASSERT_FALSE(settled);
    EXPECT_EQ(settled.error().code(), Code::temporary);
  }
}

}  // namespace
}  // namespace sifguard
