// What an image's bindings demand whoever runs it: for caches that are filled ahead of jobs.
#include <gtest/gtest.h>

#include "keystore/policy/policy.h"
#include "tests/unit/policy/names.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

Binding binding(const std::string& name) {
  Binding b;
  b.name = name;
  b.match = {"/apps/*.sif"};
  b.signers.any_of = {std::string(40, 'A')};
  b.allow.users = Values{"alice"};
  return b;
}

Facts facts() {
  Facts f;
  f.user = "alice";
  f.now = 1'800'000'000;
  f.image_names = test::named({"/apps/lolcow.sif"});
  return f;
}

TEST(DecideForStaging, AsksForTheImageAloneAndSaysSo) {
  Binding strict = binding("strict");
  strict.allow.users = Values{"somebody else"};
  strict.deny.emplace().users = Values{facts().user};
  strict.not_after = facts().now - 1;
  strict.key = "cow";
  Facts names;
  names.image_names = facts().image_names;
  const auto decision = decide_for_staging({{strict}}, names);
  ASSERT_TRUE(decision) << decision.error().line();
  EXPECT_TRUE(decision->for_staging());
  EXPECT_EQ(decision->key(), "cow");
  EXPECT_EQ(decision->signers().size(), 1U);
  EXPECT_EQ(decision->mode(), Mode::enforce);
  EXPECT_FALSE(decide({{binding("b")}}, facts())->for_staging());
}

TEST(DecideForStaging, RefusesWhatNoBindingIsForAndContradictions) {
  Facts names;
  names.image_names = test::named({"/elsewhere.sif"});
  EXPECT_FALSE(decide_for_staging({{binding("b")}}, names));
  Binding one = binding("one");
  one.key = "cow";
  Binding two = binding("two");
  two.key = "dog";
  EXPECT_FALSE(decide_for_staging({{one, two}}, facts()));
}

}  // namespace
}  // namespace sifguard
