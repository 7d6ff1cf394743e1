// Which bindings a bundle carries: for every image of theirs, all that match it in the policy.
#include "keystore/bundle/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using Names = std::vector<std::string>;

Binding binding(std::string name, Names match, std::optional<std::string> key = "k") {
  Binding made;
  made.name = std::move(name);
  made.match = std::move(match);
  made.key = std::move(key);
  return made;
}

std::vector<ChosenBinding> choose(const Policy& policy, const Names& only) {
  auto chosen = choose_bindings(policy, only);
  EXPECT_TRUE(chosen);
  return chosen ? *std::move(chosen) : std::vector<ChosenBinding>{};
}

/// "name", "name+" with its signers, "name++" with its key, too; and what it is carried for.
Names shown(const std::vector<ChosenBinding>& chosen) {
  Names all;
  for (const ChosenBinding& one : chosen) {
    std::string text = one.binding.name + (one.with_signers ? "+" : "") + (one.with_key ? "+" : "");
    for (const std::string& pattern : one.binding.match) text += " " + pattern;
    all.push_back(std::move(text));
  }
  return all;
}

TEST(ChooseTest, AllUnlessSomeAreNamed) {
  const Policy policy{{binding("a", {"/a"}), binding("b", {"/b"})}};
  EXPECT_THAT(shown(choose(policy, {})), ElementsAre("a++ /a", "b++ /b"));
  EXPECT_THAT(shown(choose(policy, {"b"})), ElementsAre("b++ /b"));
  EXPECT_TRUE(choose(policy, {"b"})[0].asked_for);
  const auto missing = choose_bindings(policy, {"b", "c"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Code::absent);
}

TEST(ChooseTest, AGuardComesAlongForTheImagesAskedForAlone) {
  const Policy policy{{binding("guard", {"/srv/x", "/apps/**"}, std::nullopt),
                       binding("lol", {"/apps/lol.sif", "oras://h/lol"}),
                       binding("cow", {"/apps/cow.sif"})}};
  const auto chosen = choose(policy, {"lol"});
  EXPECT_THAT(shown(chosen),
              ElementsAre("guard+ /apps/lol.sif", "lol++ /apps/lol.sif oras://h/lol"));
  EXPECT_FALSE(chosen[0].asked_for);
  EXPECT_THAT(shown(choose(policy, {"guard"})),
              ElementsAre("guard++ /srv/x /apps/**", "lol++ /apps/lol.sif", "cow++ /apps/cow.sif"));
}

TEST(ChooseTest, WhatCannotBeLimitedBringsItsOwnOnesWithoutTheirSignersAndKeys) {
  const Policy policy{{binding("lol", {"/apps/l*.sif"}), binding("wide", {"/apps/*l.sif"}),
                       binding("tall", {"/apps/tall.sif"}), binding("cow", {"/apps/cow.sif"})}};
  EXPECT_THAT(shown(choose(policy, {"lol"})),
              ElementsAre("lol++ /apps/l*.sif", "wide+ /apps/*l.sif", "tall /apps/tall.sif"));
}

TEST(ChooseTest, AKeyComesAlongWhereTheBindingAskedForNamesNone) {
  const Policy policy{{binding("keyed", {"/a/*"}), binding("plain", {"/a/x"}, std::nullopt),
                       binding("other", {"/a/y"})}};
  EXPECT_THAT(shown(choose(policy, {"plain"})), ElementsAre("keyed++ /a/x", "plain++ /a/x"));
  EXPECT_THAT(shown(choose(policy, {"other"})), ElementsAre("keyed+ /a/y", "other++ /a/y"));
}

Names matching(const std::vector<Binding>& bindings, const std::string& name) {
  Names all;
  for (const Binding& one : bindings) {
    if (std::any_of(one.match.begin(), one.match.end(),
                    [&](const std::string& pattern) { return matches_text(pattern, name); })) {
      all.push_back(one.name);
    }
  }
  return all;
}

TEST(ChooseTest, WhatMatchesAnImageIsAllThatMatchesItOrNothing) {
  const Names patterns = {"/**",  "/a/**",  "/a/*",    "/a/b*", "/a/*b", "/a/b",  "/a/cb",
                          "/*/b", "/b/**",  "/**/b",   "/a/.b", "/a/.*", "/b/b",  "/a/[bc]*",
                          "/?/b", "/a/b/c", "/a/**/c", "/b/c",  "/a",    "/a/?b", "/*"};
  const Names images = {"/a",   "/b",   "/a/b", "/a/cb",     "/a/bb",  "/b/b",   "/a/.b", "/a/b/c",
                        "/a/c", "/b/c", "/c/b", "/a/b/.c/c", "/a/bcb", "/c/a/b", "/b/b/b"};
  std::mt19937 random(4711);  // NOLINT: the same every time
  int left_out = 0, carried = 0, besides = 0;
  for (int round = 0; round < 300; ++round) {
    Policy policy;
    for (int i = 0; i < 4; ++i) {
      Names match;
      do match.push_back(patterns[random() % patterns.size()]);
      while (random() % 3 == 0);
      policy.bindings.push_back(binding(std::to_string(i), match));
    }
    std::vector<Binding> kept;
    for (const ChosenBinding& one : choose(policy, {"2"})) {
      kept.push_back(one.binding);
      besides += one.asked_for ? 0 : 1;
    }
    for (const std::string& image : images) {
      const Names before = matching(policy.bindings, image);
      const Names after = matching(kept, image);
      const bool wanted = std::find(before.begin(), before.end(), "2") != before.end();
      ASSERT_TRUE(after == before || (after.empty() && !wanted)) << round << " " << image;
      (after.empty() && !before.empty() ? left_out : carried) += 1;
    }
  }
  EXPECT_GT(left_out, 100);
  EXPECT_GT(carried, 100);
  EXPECT_GT(besides, 100);
}

}  // namespace
}  // namespace sifguard
