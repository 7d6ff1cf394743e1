// The key's own rule, which no path and no binding gets around.
#include "keystore/policy/key_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = std::vector<std::string>;

const std::string kA(40, 'A');
const std::string kB(40, 'B');
const std::string kC(40, 'C');
const KeyRule kRule{{kA}, {"alice"}, {"bio"}, false};

bool refused(const Status& status, const char* message) {
  EXPECT_FALSE(status);
  if (status) return false;
  EXPECT_EQ(status.error().code(), Code::denied);
  EXPECT_THAT(status.error().line(), HasSubstr(message));
  return true;
}

TEST(KeyRuleTest, AllowsAnAllowedUserOrGroupWithAnAllowedSigner) {
  EXPECT_TRUE(check_key_rule(kRule, "alice", {}, {kA}));
  EXPECT_TRUE(check_key_rule(kRule, "bob", {"users", "bio"}, {kB, kA}));
  EXPECT_TRUE(check_key_rule({{kA}, {}, {}, true}, "anybody", {}, {kA}));
}

TEST(KeyRuleTest, RefusesOtherUsersGroupsAndSigners) {
  refused(check_key_rule(kRule, "mallory", {"users"}, {kA}), "does not allow user mallory");
  refused(check_key_rule(kRule, "", {}, {kA}), "does not allow user");
  refused(check_key_rule({{kA}, {""}, {}, false}, "", {}, {kA}), "does not allow user");
  refused(check_key_rule({{kA}, {"*"}, {}, false}, "bob", {}, {kA}), "does not allow user bob");
  refused(check_key_rule(kRule, "alice", {}, {kB}), "signers");
  refused(check_key_rule(kRule, "alice", {}, {}), "signers");
  refused(check_key_rule({{kA}, {}, {}, true}, "alice", {}, {kB}), "signers");
}

TEST(KeyRuleTest, ARuleOfAllSignersWantsEachOfThem) {
  const KeyRule all{{}, {"alice"}, {}, false, {kA, kB}};
  EXPECT_TRUE(check_key_rule(all, "alice", {}, {kB, kC, kA}));
  refused(check_key_rule(all, "alice", {}, {kA}), kB.c_str());
  refused(check_key_rule(all, "alice", {}, {kB}), kA.c_str());
  refused(check_key_rule(all, "alice", {}, {}), "signature");
  refused(check_key_rule(all, "bob", {}, {kA, kB}), "user bob");
  const KeyRule both{{kA, kB}, {}, {}, true, {kC}};
  EXPECT_TRUE(check_key_signers(both, {kB, kC}));
  refused(check_key_signers(both, {kA, kB}), kC.c_str());
  refused(check_key_signers(both, {kC}), "signers");
}

TEST(KeyRuleTest, ARuleThatIsNotSetServesNobody) {
  refused(check_key_rule({}, "alice", {"bio"}, {kA}), "is not set");
  refused(check_key_rule({{}, {"alice"}, {}, true}, "alice", {}, {kA}), "is not set");
  refused(check_key_audience({{}, {}, {}, true}, "alice", {}), "is not set");
}

TEST(KeyRuleTest, ABindingsRuleIsNoWiderThanTheBinding) {
  Binding b;
  b.signers.any_of = {kB};
  b.signers.all_of = {kA, kB};
  b.allow.users = Values{"alice"};
  b.allow.groups = Values{"bio"};
  KeyRule rule = key_rule_for(b);
  EXPECT_THAT(rule.signers, ElementsAre(kB));
  EXPECT_THAT(rule.all_of, ElementsAre(kA, kB));
  EXPECT_THAT(rule.users, ElementsAre("alice"));
  EXPECT_TRUE(rule.groups.empty());
  EXPECT_FALSE(rule.everyone);
  b.allow.users = Values{std::string(kAnyUser)};
  rule = key_rule_for(b);
  EXPECT_TRUE(rule.users.empty());
  EXPECT_THAT(rule.groups, ElementsAre("bio"));
  EXPECT_FALSE(rule.everyone);
  b.allow.groups.reset();
  EXPECT_TRUE(key_rule_for(b).everyone);
  b.allow = {};
  b.allow.partitions = Values{"secure"};
  EXPECT_TRUE(key_rule_for(b).everyone);
}

TEST(KeyRuleTest, CoversTheSameAndNarrower) {
  EXPECT_TRUE(check_rule_covers(kRule, kRule));
  EXPECT_TRUE(check_rule_covers(kRule, {{kA}, {"alice"}, {}, false}));
  EXPECT_TRUE(check_rule_covers(kRule, {{kA}, {}, {"bio"}, false}));
  EXPECT_TRUE(check_rule_covers({{kA, kB}, {}, {}, true}, {{kB, kA}, {"x"}, {"y"}, false}));
  EXPECT_TRUE(check_rule_covers({{kA}, {}, {}, true}, {{kA}, {}, {}, true}));
}

TEST(KeyRuleTest, DoesNotCoverWiderOrOtherSigners) {
  refused(check_rule_covers(kRule, {{kB}, {"alice"}, {}, false}), "other signers");
  refused(check_rule_covers(kRule, {{kA, kB}, {"alice"}, {}, false}), "other signers");
  refused(check_rule_covers({{kA, kB}, {}, {}, true}, {{kA}, {}, {}, true}), "other signers");
  refused(check_rule_covers(kRule, {{kA}, {}, {}, true}), "to everyone");
  refused(check_rule_covers(kRule, {{kA}, {"alice", "bob"}, {}, false}), "not bound to user bob");
  refused(check_rule_covers(kRule, {{kA}, {}, {"bio", "wheel"}, false}),
          "not bound to group wheel");
  refused(check_rule_covers(kRule, {{kA}, {"bob"}, {}, false}), "key of its own");
}

TEST(KeyRuleTest, AnyOfAndAllOfTheSameSignersAreTwoRules) {
  const auto any = [](Values signers) { return KeyRule{std::move(signers), {}, {}, true}; };
  const auto all = [](Values signers) { return KeyRule{{}, {}, {}, true, std::move(signers)}; };
  EXPECT_TRUE(check_rule_covers(all({kA, kB}), all({kB, kA})));
  refused(check_rule_covers(all({kA, kB}), any({kA, kB})), "other signers");
  refused(check_rule_covers(all({kA, kB}), any({kA, kB})), "key of its own");
  refused(check_rule_covers(all({kA, kB}), any({kA})), "other signers");
  refused(check_rule_covers(all({kA, kB}), all({kA, kC})), "other signers");
  // What an older one wrote for a binding of both.
  refused(check_rule_covers(any({kA, kB}), all({kA, kB})), "key rule set KEY --all-signers");
  // One signer is all signers.
  Binding b;
  b.signers.all_of = {kA};
  b.allow.users = Values{"x"};
  EXPECT_TRUE(check_rule_covers(any({kA}), key_rule_for(b)));
}

TEST(KeyRuleTest, WhatTheRuleDoesNotTakeOfARequirement) {
  const auto lacks = [](const KeyRule& rule, Values any_of, Values all_of) {
    SignerRequirement one;
    one.any_of = std::move(any_of);
    one.all_of = std::move(all_of);
    return describe_shortfall(rule, {one});
  };
  const KeyRule a{{kA}, {}, {}, true};
  EXPECT_EQ(lacks(a, {kA}, {}), "");
  EXPECT_EQ(lacks(a, {kB, kC}, {kA}), "");
  EXPECT_EQ(lacks(a, {kA, kB}, {}), "the signature of " + kB + " alone is not enough for it");
  EXPECT_EQ(lacks(a, {kC, kA, kB}, {}),
            "the signature of " + kB + " or " + kC + " alone is not enough for it");
  const KeyRule any{{kA, kB}, {}, {}, true};
  EXPECT_EQ(lacks(any, {kB, kA}, {}), "");
  EXPECT_EQ(lacks(any, {kB}, {}), "");
  EXPECT_EQ(lacks(any, {}, {kA, kB}), "");
  EXPECT_EQ(lacks(any, {kB, kC}, {}), "the signature of " + kC + " alone is not enough for it");
  const KeyRule all{{}, {}, {}, true, {kA, kB}};
  EXPECT_EQ(lacks(all, {}, {kB, kA}), "");
  EXPECT_EQ(lacks(all, {kA, kB}, {}), "it wants the signature of " + kA + " in any case");
  EXPECT_EQ(lacks(all, {kA}, {}), "it wants the signature of " + kB + " in any case");
  // Two bindings of one image, each with its own demand.
  SignerRequirement first, second;
  first.any_of = {kA};
  second.any_of = {kB, kC};
  EXPECT_EQ(describe_shortfall(all, {first, second}),
            "it wants the signature of " + kB + " in any case");
  EXPECT_EQ(describe_shortfall(a, {second, first}), "");
}

}  // namespace
}  // namespace sifguard
