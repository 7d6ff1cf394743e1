#include "keystore/cli/setup_trial.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sifguard {
namespace {

using Names = std::vector<std::string>;

bool has(const Names& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool has_option(const Names& words, const std::string& option) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return word.starts_with(option); });
}

TEST(TrialOptions, WaitForNobody) {
  const auto words = trial_options(Audience{}, "");
  EXPECT_TRUE(has_option(words, "--immediate="));
  EXPECT_TRUE(has_option(words, "--time="));
  for (const char* option : {"--partition", "--account", "--qos", "--reservation", "--nodelist"}) {
    EXPECT_FALSE(has_option(words, option)) << option;
  }
}

TEST(TrialOptions, GoWhereTheBindingAllows) {
  Audience allow;
  allow.partitions = Names{"deep", "wide"};
  allow.accounts = Names{"bio"};
  allow.qos = Names{"high"};
  allow.reservations = Names{"night"};
  const auto words = trial_options(allow, "n1");
  for (const char* word : {"--partition=deep", "--account=bio", "--qos=high", "--reservation=night",
                           "--nodelist=n1"}) {
    EXPECT_TRUE(has(words, word)) << word;
  }
}

TEST(TrialOptions, LeaveThisNodeWhereItIsNotAllowed) {
  Audience allow;
  allow.nodes = Names{"n2", "n1"};
  EXPECT_TRUE(has(trial_options(allow, "n1"), "--nodelist=n1"));
  EXPECT_TRUE(has(trial_options(allow, "n3"), "--nodelist=n2"));
  EXPECT_TRUE(has(trial_options(allow, ""), "--nodelist=n2"));
  EXPECT_FALSE(has(trial_options(allow, "n3"), "--nodelist=n3"));
}

TEST(TrialUser, IsOneWhomTheBindingNames) {
  Audience allow;
  EXPECT_EQ(trial_user(allow, ""), "");
  EXPECT_EQ(trial_user(allow, "eve"), "eve");
  allow.users = Names{"alice", "bob"};
  EXPECT_EQ(trial_user(allow, ""), "alice");
  EXPECT_EQ(trial_user(allow, "eve"), "eve");
  allow.users = Names{std::string(kAnyUser)};
  EXPECT_EQ(trial_user(allow, ""), "");
}

TEST(TrialUser, IsNobodyWhereGroupsAloneSay) {
  Audience allow;
  allow.groups = Names{"bio"};
  EXPECT_EQ(trial_user(allow, ""), std::nullopt);
  EXPECT_EQ(trial_user(allow, "alice"), "alice");
  allow.users = Names{"bob"};
  EXPECT_EQ(trial_user(allow, ""), "bob");
  allow.users = Names{std::string(kAnyUser)};
  EXPECT_EQ(trial_user(allow, ""), std::nullopt);
}

TEST(NodeNamed, IsThisHostAlone) {
  EXPECT_EQ(node_named("n1\nn2\n", "n2"), "n2");
  EXPECT_EQ(node_named("n1\nn2\n", "n2.example.org"), "n2");
  EXPECT_EQ(node_named("n2.example.org\n", "n2.example.org"), "n2.example.org");
  for (const char* host : {"n", "n3", "N1", "", ".example.org", "n1 n2"}) {
    EXPECT_EQ(node_named("n1\nn2\n", host), "") << host;
  }
  EXPECT_EQ(node_named("", "n1"), "");
  EXPECT_EQ(node_named("sinfo: error\n", "n1"), "");
}

}  // namespace
}  // namespace sifguard
