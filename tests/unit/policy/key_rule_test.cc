// The key's own rule, which no path and no binding gets around.
#include "keystore/policy/key_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = std::vector<std::string>;

const std::string kA(40, 'A');
const std::string kB(40, 'B');
const KeyRuleView kRule{{kA}, {"alice"}, {"bio"}, false};

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
  KeyRuleView rule = key_rule_for(b);
  EXPECT_THAT(rule.signers, ElementsAre(kA, kB));
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

}  // namespace
}  // namespace sifguard
