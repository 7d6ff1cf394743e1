// What one binding of a key may not loosen of another.
#include "keystore/policy/binding_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using Values = std::vector<std::string>;

const std::string kA(40, 'A');
const std::string kB(40, 'B');

/// A binding from the lines that images.yaml has.
Binding binding(const std::string& name, const std::string& fields) {
  const auto policy = parse_policy("version: 1\nimages:\n  - {name: " + name + ", match: [/" +
                                   name + "], " + fields + "}\n");
  EXPECT_TRUE(policy) << policy.error().line();
  return policy ? policy->bindings[0] : Binding{};
}

std::string signed_by(const std::string& more) {
  return "signing_key: {fingerprint: " + kA + "}, " + more;
}

/// Empty when `wanted` is within the limits of `existing`.
std::string looser(const std::string& existing, const std::string& wanted) {
  const auto checked =
      check_limits_cover(binding("one", signed_by(existing)), binding("two", signed_by(wanted)));
  return checked ? std::string() : checked.error().what();
}

TEST(BindingLimits, TheSameAndNarrowerAreWithin) {
  const std::string full =
      "allow: {groups: [g], accounts: [a, b], partitions: [p], qos: [q], reservations: [r], "
      "nodes: [n]}, deny: {users: [mallory]}, not_before: 2026-01-01, not_after: 2026-12-31, "
      "signed_after: 2025-01-01";
  EXPECT_EQ(looser(full, full), "");
  EXPECT_EQ(looser("allow: {groups: [g]}", full), "");
  EXPECT_EQ(looser(full,
                   "allow: {groups: [g], accounts: [b], partitions: [p], qos: [q], reservations: "
                   "[r], nodes: [n], users: [x]}, deny: {users: [eve, mallory]}, not_before: "
                   "2026-02-01, not_after: 2026-11-30, signed_after: 2025-06-01"),
            "");
}

TEST(BindingLimits, WhereOneReleasesNoKeyTheOthersReleaseNoneEither) {
  const std::string everyone = "allow: {users: ['*']}";
  const std::string mount = everyone + ", release: mount";
  EXPECT_EQ(looser(mount, mount), "");
  EXPECT_EQ(looser(everyone, mount), "");
  EXPECT_EQ(looser(everyone, everyone + ", release: pem"), "");
  for (const std::string& other : {everyone, everyone + ", release: pem"}) {
    EXPECT_THAT(looser(mount, other), HasSubstr("releases no key to jobs"));
  }
}

TEST(BindingLimits, EveryDimensionOfTheJobLimits) {
  for (const std::string word : {"accounts", "partitions", "qos", "reservations", "nodes"}) {
    const std::string some = "allow: {groups: [g], " + word + ": [x, y]}";
    EXPECT_EQ(looser(some, "allow: {groups: [g]}"),
              "'one' allows " + word + " x y alone, and this would allow any");
    EXPECT_EQ(looser(some, "allow: {groups: [g], " + word + ": [x, z]}"),
              "'one' allows " + word + " x y alone, and this would allow " + word + " x z");
    EXPECT_EQ(looser(some, "allow: {groups: [g], " + word + ": [y]}"), "");
  }
}

TEST(BindingLimits, GroupsBesideUsersLimitToo) {
  EXPECT_THAT(looser("allow: {users: [alice], groups: [g]}", "allow: {users: [alice]}"),
              HasSubstr("groups g alone"));
  // Alone, they are the key's rule, which is asked for itself.
  EXPECT_EQ(looser("allow: {groups: [g]}", "allow: {groups: [h]}"), "");
  EXPECT_EQ(looser("allow: {users: ['*'], groups: [g]}", "allow: {groups: [h]}"), "");
}

TEST(BindingLimits, WhoIsDeniedStaysDenied) {
  const std::string some = "allow: {groups: [g]}, deny: {users: [mallory, eve]}";
  EXPECT_THAT(looser(some, "allow: {groups: [g]}"), HasSubstr("denies users mallory eve"));
  EXPECT_THAT(looser(some, "allow: {groups: [g]}, deny: {users: [eve]}"), HasSubstr("denies"));
  EXPECT_THAT(looser(some, "allow: {groups: [g]}, deny: {groups: [mallory, eve]}"),
              HasSubstr("denies"));
  // Both at once are fewer than either.
  EXPECT_THAT(looser(some, "allow: {groups: [g]}, deny: {users: [mallory, eve], partitions: [p]}"),
              HasSubstr("denies"));
  EXPECT_EQ(looser("allow: {groups: [g]}, deny: {users: [mallory], partitions: [p]}",
                   "allow: {groups: [g]}, deny: {users: [mallory]}"),
            "");
  EXPECT_EQ(looser(some, "allow: {groups: [g]}, deny: {users: ['*']}"), "");
  EXPECT_THAT(looser("allow: {groups: [g]}, deny: {users: ['*']}", some), HasSubstr("everyone"));
}

TEST(BindingLimits, NobodyDeniedNeedsToBeDeniedWhoIsNotAllowed) {
  EXPECT_EQ(looser("allow: {users: [alice]}, deny: {users: [mallory]}", "allow: {users: [alice]}"),
            "");
  EXPECT_EQ(looser("allow: {groups: [g]}, deny: {partitions: [debug]}",
                   "allow: {groups: [g], partitions: [main]}"),
            "");
  EXPECT_THAT(looser("allow: {users: [alice]}, deny: {users: [alice]}", "allow: {users: [alice]}"),
              HasSubstr("denies"));
  // Of groups a user has many.
  EXPECT_THAT(looser("allow: {groups: [g]}, deny: {groups: [h]}", "allow: {groups: [g]}"),
              HasSubstr("denies"));
  EXPECT_THAT(looser("allow: {groups: [g]}, deny: {users: [mallory]}",
                     "allow: {groups: [g], users: ['*']}"),
              HasSubstr("denies"));
}

TEST(BindingLimits, TimesLimit) {
  const std::string allow = "allow: {groups: [g]}";
  EXPECT_THAT(looser(allow + ", not_before: 2026-01-02", allow), HasSubstr("begins on 2026-01-02"));
  EXPECT_THAT(looser(allow + ", not_before: 2026-01-02", allow + ", not_before: 2026-01-01"),
              HasSubstr("begins"));
  EXPECT_THAT(looser(allow + ", not_after: 2026-01-02", allow), HasSubstr("ends on 2026-01-02"));
  EXPECT_THAT(looser(allow + ", not_after: 2026-01-02", allow + ", not_after: 2026-01-03"),
              HasSubstr("ends"));
  EXPECT_THAT(looser(allow + ", signed_after: 2026-01-02", allow),
              HasSubstr("no signatures from before 2026-01-02"));
  EXPECT_THAT(looser(allow + ", signed_after: 2026-01-02", allow + ", signed_after: 2026-01-01"),
              HasSubstr("older ones"));
}

TEST(BindingLimits, TheFormOfSignaturesLimits) {
  const auto with = [](const std::string& more) {
    return binding("b", "signing_key: {fingerprint: " + kA + more + "}, allow: {groups: [g]}");
  };
  EXPECT_FALSE(check_limits_cover(with(""), with(", legacy: true")));
  EXPECT_TRUE(check_limits_cover(with(", legacy: true"), with("")));
  EXPECT_FALSE(check_limits_cover(with(", signatures: all"), with("")));
  EXPECT_TRUE(check_limits_cover(with(""), with(", signatures: all")));
}

TEST(BindingSiblings, OneOfThemMustCoverAndAllHaveTheSigners) {
  const Binding wide = binding("wide", signed_by("allow: {groups: [g]}"));
  const Binding p = binding("p", signed_by("allow: {groups: [g], partitions: [p]}"));
  const Binding q = binding("q", signed_by("allow: {groups: [g], partitions: [q]}"));
  EXPECT_TRUE(check_siblings({}, q));
  EXPECT_TRUE(check_siblings({&p, &wide}, q));
  const auto refused = check_siblings({&p}, q);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what(),
            "its binding 'p' allows partitions p alone, and this would allow partitions q");
  EXPECT_THAT(refused.error().remedy(), HasSubstr("the same limits"));
  const std::string rest = "[" + kA + ", " + kB + "]}, allow: {groups: [g]}";
  const Binding any = binding("any", "signing_key: {any_of: " + rest);
  const Binding all = binding("all", "signing_key: {all_of: " + rest);
  EXPECT_FALSE(check_siblings({&wide, &any}, wide));
  const auto others = check_siblings({&all}, any);
  ASSERT_FALSE(others);
  EXPECT_EQ(others.error().what(), "bound by 'all' to the signers " + kA + " and " + kB);
  EXPECT_FALSE(check_siblings({&any}, all));
}

}  // namespace
}  // namespace sifguard
