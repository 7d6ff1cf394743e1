// Grants of break-glass, and whether their binding still is the one that they were given for.
#include "keystore/store/break_glass_fit.h"
#include "tests/unit/policy/names.h"

#include <gtest/gtest.h>

#include <functional>

namespace sifguard {
namespace {

Binding binding() {
  const auto policy = parse_policy(
      "version: 1\nimages:\n  - {name: g, match: [/g/x, /g/y], signing_key: {fingerprint: " +
      std::string(40, 'A') +
      "}, encryption: {key: cow}, allow: {users: [bob]}, deny: {users: [eve]}, not_after: "
      "2027-01-01}\n");
  EXPECT_TRUE(policy);
  return policy ? policy->bindings[0] : Binding{};
}

BreakGlassGrant grant_for(const Binding& made) {
  BreakGlassGrant grant;
  grant.id = "bg-1";
  grant.binding = "g";
  grant.user = "alice";
  grant.since = 1000;
  grant.until = 2000;
  grant.conditions = digest_of_conditions(made).value_or("");
  return grant;
}

TEST(BreakGlassFit, TheBindingAsItWas) {
  const BreakGlassGrant grant = grant_for(binding());
  EXPECT_EQ(grant.conditions.size(), 64U);
  Policy policy{{binding()}};
  ASSERT_TRUE(fits(grant, policy));
  policy.break_glass = fitting({grant}, policy);
  Facts facts;
  facts.user = "alice";
  facts.image_names = test::named({"/g/x"});
  facts.now = 1500;
  const auto decision = decide(policy, facts);
  ASSERT_TRUE(decision) << decision.error().line();
  EXPECT_EQ(decision->break_glass(), std::vector<std::string>{"bg-1"});
  facts.now = 2000;
  EXPECT_FALSE(decide(policy, facts));
}

TEST(BreakGlassFit, ItsAllowAndItsPlaceMayChange) {
  Binding moved = binding();
  moved.line = 77;
  moved.allow = {};
  moved.allow.partitions = std::vector<std::string>{"p"};
  EXPECT_TRUE(fits(grant_for(binding()), Policy{{moved}}));
}

TEST(BreakGlassFit, NothingElseMay) {
  const std::vector<std::function<void(Binding&)>> changes = {
      [](Binding& b) { b.match = {"/other/**"}; },
      [](Binding& b) { b.match.emplace_back("/other"); },
      [](Binding& b) { b.key = "dog"; },
      [](Binding& b) { b.key.reset(); },
      [](Binding& b) { b.deny.reset(); },
      [](Binding& b) { b.deny->users->front() = "mallory"; },
      [](Binding& b) { b.signers.any_of = {std::string(40, 'B')}; },
      [](Binding& b) { std::swap(b.signers.any_of, b.signers.all_of); },
      [](Binding& b) { b.signers.legacy = true; },
      [](Binding& b) { b.signers.signed_after = 86400; },
      [](Binding& b) { b.digest = "sha256:" + std::string(64, '0'); },
      [](Binding& b) { b.not_after.reset(); },
      [](Binding& b) { b.not_before = 86400; },
      [](Binding& b) { b.mode = Mode::warn; },
      [](Binding& b) { b.preloaded = true; },
      [](Binding& b) { b.runtime.contain = true; }};
  const BreakGlassGrant grant = grant_for(binding());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Binding changed = binding();
    changes[i](changed);
    EXPECT_FALSE(fits(grant, Policy{{changed}})) << i;
    EXPECT_TRUE(fitting({grant}, Policy{{changed}}).empty()) << i;
  }
}

TEST(BreakGlassFit, NoBindingAnotherNameOrNoConditions) {
  EXPECT_FALSE(fits(grant_for(binding()), Policy{}));
  Binding renamed = binding();
  renamed.name = "h";
  EXPECT_FALSE(fits(grant_for(binding()), Policy{{renamed}}));
  BreakGlassGrant old = grant_for(binding());
  old.conditions.clear();
  EXPECT_FALSE(fits(old, Policy{{binding()}}));
  EXPECT_EQ(fitting({old, grant_for(binding()), old}, Policy{{renamed, binding()}}).size(), 1U);
}

}  // namespace
}  // namespace sifguard
