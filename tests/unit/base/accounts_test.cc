// The name service of the host that runs the test: what every one has, and what none has.
#include "keystore/base/accounts.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "tests/unit/base/temp_dir.h"

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

/// Run where /etc/group is another: in a mount namespace of a child's own.
bool finds_large_group(const std::string& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool made = ::unshare(CLONE_NEWNS) == 0 &&
                      ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      ::mount(file.c_str(), "/etc/group", nullptr, MS_BIND, nullptr) == 0;
    const auto name = find_group_name(54321);
    ::_exit(made && name && *name == "large" ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(Accounts, AnEntryLargerThanUsualIsReadWhole) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  const test::TempDir directory;
  std::string members = "user0";
  for (int i = 1; i < 10'000; ++i) members += ",user" + std::to_string(i);
  test::write_file(directory / "group", "root:x:0:\nlarge:x:54321:" + members + "\n");
  EXPECT_TRUE(finds_large_group(directory / "group"));
}

TEST(Accounts, GroupsHaveThePrimaryOne) {
  const auto groups = groups_of(**find_account("root"));
  ASSERT_TRUE(groups);
  EXPECT_NE(std::find(groups->begin(), groups->end(), 0U), groups->end());
}

}  // namespace
}  // namespace sifguard
