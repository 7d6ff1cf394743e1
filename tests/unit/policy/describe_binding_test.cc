// Parts of a binding as short text.
#include "keystore/policy/describe_binding.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

TEST(DescribeTest, NamesEachDimensionInOrder) {
  Audience audience;
  EXPECT_EQ(describe_audience(audience), "");
  audience.nodes = Values{"n1", "n2"};
  audience.users = Values{"alice"};
  EXPECT_EQ(describe_audience(audience), "users alice; nodes n1 n2");
  audience = {Values{"u"}, Values{"g"}, Values{"a"}, Values{"p"},
              Values{"q"}, Values{"r"}, Values{"n"}};
  EXPECT_EQ(describe_audience(audience),
            "users u; groups g; accounts a; partitions p; qos q; reservations r; nodes n");
}

TEST(DescribeTest, OnlyTheStarOfUsersIsEveryone) {
  Audience audience;
  audience.users = Values{std::string(kAnyUser)};
  EXPECT_EQ(describe_audience(audience), "everyone");
  audience = {};
  audience.groups = Values{std::string(kAnyUser)};
  EXPECT_EQ(describe_audience(audience), "groups *");
}

TEST(DescribeTest, JoinsSignersAsTheyAreRequired) {
  EXPECT_EQ(describe_signers({{"A"}, {}, {}}), "A");
  EXPECT_EQ(describe_signers({{"A", "B"}, {}, {}}), "A or B");
  EXPECT_EQ(describe_signers({{}, {"A", "B"}, {}}), "A and B");
  EXPECT_EQ(describe_signers({{"A", "B"}, {"C"}, {}}), "(A or B) and C");
  EXPECT_EQ(describe_signers({{"A"}, {"B"}, {}}), "A and B");
}

}  // namespace
}  // namespace sifguard
