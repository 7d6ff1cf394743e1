// One image by several names: which bindings hold, and which are a reason to let it run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "keystore/policy/image_pattern.h"
#include "keystore/policy/policy.h"
#include "tests/unit/policy/names.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Binding binding(const std::string& name) {
  Binding made;
  made.name = name;
  made.allow.users = {{"*"}};
  return made;
}

Facts facts() {
  Facts f;
  f.user = "alice";
  return f;
}

// A repository, where a wide binding and one for a tag stand side by side.
class OneRepository : public testing::Test {
 protected:
  static Binding bound(const char* name, const std::string& pattern, const char* user) {
    Binding made = binding(name);
    made.match = {pattern};
    made.allow = {};
    made.allow.users = {{user}};
    return made;
  }
  const Policy policy_{{bound("all", "oras://h/**", "*"), bound("tag", "oras://h/x:1", "bob")}};
};

TEST_F(OneRepository, ATagHoldsForWhatItMeans) {
  Facts f = facts();
  const std::string digest = "oras://h/x@sha256:" + std::string(64, 'a');
  f.image_names = test::named({digest});
  EXPECT_TRUE(decide(policy_, f)) << "the tag is known to mean another";
  f.image_names = test::named({digest, "oras://h/x:1"});
  const auto refused = decide(policy_, f);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what(), HasSubstr("binding 'tag' does not allow"));
}

TEST_F(OneRepository, WhereItIsNotKnownAllHold) {
  Facts f = facts();
  f.image_names = names_of(test::name("oras://h/x@sha256:" + std::string(64, 'a')));
  EXPECT_FALSE(decide(policy_, f));
  f.user = "bob";
  const auto both = decide(policy_, f);
  ASSERT_TRUE(both) << both.error().line();
  EXPECT_THAT(both->bindings(), ElementsAre("all", "tag"));
  f.image_names = names_of(test::name("oras://h/x:2"));
  EXPECT_EQ(decide(policy_, f)->bindings().size(), 2U);
  f.image_names = names_of(test::name("oras://h/y:1"));
  EXPECT_EQ(decide(policy_, f)->bindings().size(), 1U);
}

TEST_F(OneRepository, WhatMayBeForItIsNoReasonToRun) {
  Facts f = facts();
  f.user = "bob";
  f.image_names = names_of(test::name("oras://h/x:2"));
  const auto refused = decide({{policy_.bindings[1]}}, f);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::denied);
  EXPECT_THAT(refused.error().what(), HasSubstr("no binding is for the image oras://h/x:2"));
  EXPECT_THAT(refused.error().what(), HasSubstr("'tag'"));
  EXPECT_FALSE(decide_for_staging({{policy_.bindings[1]}}, f));
}

TEST(QueriesTest, DoNotPassARestriction) {
  Binding wide = binding("wide");
  wide.match = {"https://h/**"};
  Binding narrow = binding("narrow");
  narrow.match = {*canonical_pattern("https://H/a.sif")};
  narrow.allow = {};
  narrow.allow.users = {{"bob"}};
  for (const char* typed :
       {"https://h/a.sif", "https://h/a.sif?x", "https://h:443/%61.sif?x=1&y"}) {
    Facts f = facts();
    f.image_names = names_of(test::name(typed));
    EXPECT_FALSE(decide({{wide, narrow}}, f)) << typed;
  }
  Facts f = facts();
  f.image_names = names_of(test::name("https://h/b.sif?x"));
  EXPECT_TRUE(decide({{wide, narrow}}, f));
  narrow.match = {*canonical_pattern("https://h/get?id=5")};
  f.image_names = names_of(test::name("https://h/get?id=%35&more"));
  EXPECT_FALSE(decide({{wide, narrow}}, f));
}

}  // namespace
}  // namespace sifguard
