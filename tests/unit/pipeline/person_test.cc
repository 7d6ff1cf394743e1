// The names behind uids and gids.
#include "helper/pipeline/person.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sifguard {
namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(Person, HasItsNameAndGroups) {
  const auto person = find_person(0, 0, {});
  ASSERT_TRUE(person) << person.error().line();
  EXPECT_EQ(person->user, "root");
  EXPECT_EQ(person->groups, std::vector<std::string>{"root"});
}

TEST(Person, HasThePrimaryGroupOfTheJobNotOfTheAccount) {
  const auto person = find_person(0, 1, {});  // 1 is daemon everywhere
  ASSERT_TRUE(person);
  EXPECT_EQ(person->groups, std::vector<std::string>{"daemon"});
}

TEST(Person, HasEachSupplementaryGroupOnce) {
  const auto person = find_person(0, 0, {1, 0, 1, 1});
  ASSERT_TRUE(person);
  EXPECT_EQ(person->groups.size(), 2U);
  EXPECT_TRUE(has(person->groups, "root") && has(person->groups, "daemon"));
}

TEST(Person, GroupsWithoutANameAreLeftOut) {
  const auto person = find_person(0, 0, {3999999999U, 4000000000U});
  ASSERT_TRUE(person);
  EXPECT_EQ(person->groups, std::vector<std::string>{"root"});
}

TEST(Person, AnUnknownUidIsDenied) {
  const auto person = find_person(3999999999U, 0, {});
  ASSERT_FALSE(person);
  EXPECT_EQ(person.error().code(), Code::denied);
  EXPECT_NE(person.error().what().find("3999999999"), std::string::npos);
}

TEST(ServiceAccount, IsFoundByName) {
  const auto account = find_service_account("daemon");
  ASSERT_TRUE(account) << account.error().line();
  EXPECT_EQ(account->uid, 1U);
  EXPECT_NE(account->gid, 0U);
  EXPECT_TRUE(account->groups.empty());
}

TEST(ServiceAccount, ThatIsMissingOrRootIsAConfigurationError) {
  for (const char* name : {"no-such-account-here", "", "root", "0"}) {
    const auto account = find_service_account(name);
    ASSERT_FALSE(account) << name;
    EXPECT_EQ(account.error().code(), Code::config) << name;
    EXPECT_FALSE(account.error().remedy().empty()) << name;
  }
}

}  // namespace
}  // namespace sifguard
