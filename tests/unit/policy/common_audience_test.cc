// Who is left of several bindings.
#include "keystore/policy/common_audience.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

Binding binding(const std::string& name, Audience allow) {
  Binding made;
  made.name = name;
  made.allow = std::move(allow);
  return made;
}

Audience users(Values names) {
  Audience made;
  made.users = std::move(names);
  return made;
}
Audience groups(Values names) {
  Audience made;
  made.groups = std::move(names);
  return made;
}
Audience partitions(Values names) {
  Audience made;
  made.partitions = std::move(names);
  return made;
}

/// "nobody: WHY", or who is left.
std::string left(const std::vector<Binding>& bindings) {
  std::vector<const Binding*> all;
  for (const Binding& one : bindings) all.push_back(&one);
  const CommonAudience common = common_audience(all, 1000);
  return common.nobody.empty() ? common.left : "nobody: " + common.nobody;
}

TEST(CommonAudience, ListsOfWhatAJobHasOneOfAreCut) {
  EXPECT_EQ(left({binding("a", users({"alice", "bob"})), binding("b", users({"bob", "carol"}))}),
            "users bob");
  EXPECT_EQ(left({binding("a", users({"alice"})), binding("b", users({"bob"}))}),
            "nobody: 'a' allows users alice, 'b' allows users bob");
  EXPECT_EQ(left({binding("a", partitions({"p"})), binding("b", users({"bob"}))}),
            "users bob; partitions p");
  EXPECT_EQ(left({binding("a", partitions({"p"})), binding("b", partitions({"q"})),
                  binding("c", users({"*"}))}),
            "nobody: 'a' allows partitions p, 'b' allows partitions q");
  EXPECT_EQ(left({binding("a", users({"alice", "bob"})), binding("b", users({"bob", "carol"})),
                  binding("c", users({"alice", "carol"}))}),
            "nobody: 'b' allows users bob, 'c' allows users alice carol")
      << "three of which any two leave somebody";
  EXPECT_EQ(left({binding("a", users({"*"})), binding("b", users({"*"}))}), "everyone");
}

TEST(CommonAudience, OneImageHasOneDigestAndOneKey) {
  Binding a = binding("a", users({"*"}));
  Binding b = binding("b", users({"*"}));
  a.digest = "sha256:1";
  EXPECT_EQ(left({a, b}), "everyone") << "one says nothing of it";
  b.digest = "sha256:1";
  EXPECT_EQ(left({a, b}), "everyone");
  b.digest = "sha256:2";
  EXPECT_EQ(left({a, binding("c", users({"*"})), b}),
            "nobody: 'a' and 'b' are each for another digest");
  b.digest.reset();
  a.key = "cow";
  b.key = "dog";
  EXPECT_EQ(left({a, b}), "nobody: 'a' and 'b' name different keys");
  const CommonAudience common = common_audience({&a, &b}, 1000);
  EXPECT_EQ(common.by, NobodyBy::names) << "that is nothing that somebody may have meant so";
}

TEST(CommonAudience, AUserMayBeInManyGroups) {
  EXPECT_EQ(left({binding("a", groups({"bio"})), binding("b", groups({"chem"}))}),
            "groups bio; groups chem");
  EXPECT_EQ(left({binding("a", groups({"bio", "chem"})), binding("b", groups({"chem"}))}),
            "groups chem");
}

TEST(CommonAudience, WhatIsDeniedIsNotLeft) {
  Binding a = binding("a", users({"alice", "bob"}));
  Binding b = binding("b", users({"*"}));
  b.deny = users({"alice"});
  EXPECT_EQ(left({a, b}), "users bob");
  b.deny = users({"alice", "bob", "carol"});
  EXPECT_EQ(left({a, b}),
            "nobody: 'b' denies users alice bob carol, which is all of users alice bob");
  b.deny = users({"*"});
  EXPECT_EQ(left({b}), "nobody: 'b' denies everyone, which is all of everyone");
  b.deny = users({"alice"});
  b.deny->partitions = Values{"p"};
  EXPECT_EQ(left({a, b}), "users alice bob; not users alice; partitions p");
  b.deny = groups({"bio", "chem"});
  EXPECT_EQ(left({binding("a", groups({"bio"})), b}),
            "nobody: 'b' denies groups bio chem, which is all of groups bio");
  EXPECT_EQ(left({binding("a", groups({"bio", "math"})), b}),
            "groups bio math; not groups bio chem");
  a.deny = users({"alice", "bob"});
  EXPECT_EQ(left({a}), "nobody: 'a' denies users alice bob, which is all of users alice bob")
      << "one alone";
}

TEST(CommonAudience, TimesThatDoNotMeetLeaveNobody) {
  Binding a = binding("a", users({"*"}));
  Binding b = a;
  b.name = "b";
  a.not_after = 86399;
  b.not_before = 86400;
  EXPECT_EQ(left({a, b}), "nobody: 'b' begins on 1970-01-02, 'a' ends on 1970-01-01");
  b.not_before.reset();
  a.not_after = 999;
  EXPECT_EQ(left({a, b}), "nobody: 'a' ended on 1970-01-01T00:16:39Z");
  a.not_after = 86399;
  b.not_before = 86399;
  EXPECT_EQ(left({a, b}), "everyone; from 1970-01-01T23:59:59Z; until 1970-01-01");
}

}  // namespace
}  // namespace sifguard
