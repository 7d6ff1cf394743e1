// The name service of the host that runs the test: what every one has, and what none has.
#include "keystore/base/accounts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sifguard {
namespace {

TEST(Accounts, FindsRootByNameAndNumber) {
  const auto named = find_account("root");
  ASSERT_TRUE(named && *named);
  EXPECT_EQ((*named)->uid, 0U);
  EXPECT_FALSE((*named)->home.empty());
  const auto numbered = find_account(uid_t{0});
  ASSERT_TRUE(numbered && *numbered);
  EXPECT_EQ((*numbered)->name, (*named)->name);
  EXPECT_EQ(**find_group_name(0), "root");
  EXPECT_TRUE(*is_group("root"));
}

TEST(Accounts, KnowsWhenThereIsNone) {
  for (const char* name : {"no-such-user", "", "root ", "ROOT", "0", "root:x", "a\nb"}) {
    const auto found = find_account(name);
    ASSERT_TRUE(found) << name << ": " << found.error().line();
    EXPECT_FALSE(*found) << name;
    const auto group = is_group(name);
    ASSERT_TRUE(group) << name;
    EXPECT_FALSE(*group) << name;
  }
  const auto nobody = find_account(uid_t{4'000'000'123});
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(*nobody);
  EXPECT_FALSE(*find_group_name(4'000'000'123));
}

TEST(Accounts, GroupsHaveThePrimaryOne) {
  const auto groups = groups_of(**find_account("root"));
  ASSERT_TRUE(groups);
  EXPECT_NE(std::find(groups->begin(), groups->end(), 0U), groups->end());
}

}  // namespace
}  // namespace sifguard
