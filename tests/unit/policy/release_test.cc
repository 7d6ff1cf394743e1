// How keys serve jobs: the words, and what several bindings say of one image.
#include "keystore/policy/release.h"

#include <gtest/gtest.h>

#include "keystore/policy/policy.h"
#include "tests/unit/policy/names.h"

namespace sifguard {
namespace {

TEST(Release, HasItsNamesAndNoOthers) {
  EXPECT_EQ(release_of("pem"), Release::pem);
  EXPECT_EQ(release_of("mount"), Release::mount);
  for (const char* word : {"", "PEM", "Mount", "mount ", "fuse", "pem,mount"}) {
    EXPECT_EQ(release_of(word), std::nullopt) << word;
  }
}

Binding binding(std::optional<Release> release) {
  Binding b;
  b.name = "b";
  b.match = {"/apps/*.sif"};
  b.signers.any_of = {std::string(40, 'A')};
  b.allow.users = std::vector<std::string>{"alice"};
  b.release = release;
  return b;
}

std::optional<Release> decided(const std::vector<std::optional<Release>>& said) {
  Policy policy;
  for (const auto& release : said) policy.bindings.push_back(binding(release));
  Facts facts;
  facts.user = "alice";
  facts.image_names = test::named({"/apps/lolcow.sif"});
  EXPECT_EQ(decide_for_staging(policy, facts)->release(), decide(policy, facts)->release());
  return decide(policy, facts)->release();
}

TEST(Release, OfWhatBindingsSayTheOneThatLetsLessOutWins) {
  EXPECT_EQ(decided({std::nullopt}), std::nullopt);
  EXPECT_EQ(decided({std::nullopt, Release::pem}), Release::pem);
  EXPECT_EQ(decided({Release::pem, Release::mount, std::nullopt}), Release::mount);
  EXPECT_EQ(decided({Release::mount, Release::pem}), Release::mount);
}

}  // namespace
}  // namespace sifguard
