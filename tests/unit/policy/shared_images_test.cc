// Which bindings have images in common.
#include "keystore/policy/shared_images.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sifguard {
namespace {

std::vector<Binding> bindings(const std::vector<std::vector<std::string>>& matches) {
  std::vector<Binding> all;
  for (const auto& match : matches) {
    all.emplace_back();
    all.back().name = std::string(1, static_cast<char>('a' + all.size() - 1));
    all.back().match = match;
  }
  return all;
}

/// "ab /apps/x" each.
std::string found(const std::vector<std::vector<std::string>>& matches) {
  std::string text;
  for (const SharedImage& one : find_shared(bindings(matches))) {
    for (const std::size_t i : one.bindings) text += static_cast<char>('a' + i);
    text += " " + one.image + "\n";
  }
  return text;
}

TEST(SharedImages, OfNamesAndPatternsInAnyOrder) {
  EXPECT_EQ(found({{"/apps/**"}, {"/x", "/apps/lol.sif"}}), "ab /apps/lol.sif\n");
  EXPECT_EQ(found({{"/x", "/apps/lol.sif"}, {"/apps/**"}}), "ab /apps/lol.sif\n");
  EXPECT_EQ(found({{"/apps/a*.sif"}, {"/apps/*b.sif"}}), "ab /apps/axb.sif\n");
  EXPECT_EQ(found({{"/apps/*"}, {"/apps/*"}}), "ab /apps/x\n");
  EXPECT_EQ(found({{"/apps/*"}, {"/apps/*/*"}, {"/home/*"}}), "");
  EXPECT_EQ(found({{"/apps/*", "/apps/x"}}), "") << "one binding alone";
  EXPECT_EQ(found({}), "");
}

TEST(SharedImages, EachSetOnce) {
  EXPECT_EQ(found({{"/apps/**"}, {"/apps/pub/**"}, {"/apps/pub/lol.sif", "/apps/pub/cow.sif"}}),
            "ab /apps/pub/x\nabc /apps/pub/cow.sif\n");
}

TEST(SharedImages, AnotherTagMayMeanTheSameImage) {
  const auto all = bindings({{"oras://h/r:1"}, {"oras://h/r:2"}, {"oras://h/other:1"}, {"/x"}});
  EXPECT_EQ(find_possibly_shared(all, all[0]), std::vector<std::size_t>{1});
  EXPECT_EQ(find_possibly_shared(all, all[3]), std::vector<std::size_t>{});
  EXPECT_EQ(found({{"oras://h/r:1"}, {"oras://h/r:2"}}), "");
  const auto sure = bindings({{"/apps/**"}, {"/apps/x"}});
  EXPECT_EQ(find_possibly_shared(sure, sure[1]), std::vector<std::size_t>{}) << "that is sure";
}

TEST(SharedImages, ABindingIsClosedWhereOthersAreForAllOfItsImages) {
  auto all = bindings({{"/apps/**"}, {"/apps/lol.sif"}, {"/apps/x*.sif", "/home/x.sif"}});
  for (Binding& one : all) one.allow.users = std::vector{one.name};
  const auto why = find_closed(all, 0);
  EXPECT_EQ(why[0], "") << "it is for other images, too";
  EXPECT_EQ(why[1], "'a' allows users a, 'b' allows users b");
  EXPECT_EQ(why[2], "") << "and so is this";
  all[2].match.pop_back();
  EXPECT_EQ(find_closed(all, 0)[2], "'a' allows users a, 'c' allows users c");
  all[0].allow.users->push_back("c");
  EXPECT_EQ(find_closed(all, 0)[2], "");
  all[0].deny = all[0].allow;
  EXPECT_NE(find_closed(all, 0)[0], "") << "by itself";
}

TEST(SharedImages, OfThousands) {
  std::vector<std::vector<std::string>> matches = {{"/**"}};
  for (int i = 0; i < 5000; ++i) matches.push_back({"/apps/image" + std::to_string(i) + "-*.sif"});
  const auto shared = find_shared(bindings(matches));
  EXPECT_EQ(shared.size(), 5000U);
  EXPECT_TRUE(std::all_of(shared.begin(), shared.end(),
                          [](const SharedImage& one) { return one.bindings.front() == 0; }));
}

}  // namespace
}  // namespace sifguard
