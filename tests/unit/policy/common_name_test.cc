// Names that two patterns have in common: each is held against both by matches_text().
#include "keystore/policy/common_name.h"

#include <gtest/gtest.h>

#include <random>

#include "keystore/policy/overlap.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

struct Pair {
  const char* one;
  const char* other;
};

TEST(CommonName, IsFoundWhereThereIsOne) {
  for (const auto& [one, other] : {
           Pair{"/a/b.sif", "/a/b.sif"},
           {"/a/*.sif", "/a/b.sif"},
           {"/a/a*.sif", "/a/*b.sif"},
           {"/a/*x*", "/a/b?d"},
           {"/a/[a-c]x", "/a/?x"},
           {"/a/[a-c]x", "/a/[b-d]x"},
           {"/a/[!a]*", "/a/[!b]*"},
           {"/a/**", "/a"},
           {"/a/**/c", "/a/*/b/*"},
           {"/**/c", "/a/**"},
           {"/*/b/**", "/a/**/c"},
           {"/a/**/**/b", "/a/b"},
           {"/a/\xC3\xA9*", "/a/*b"},
           {"oras://h/**", "oras://h/r:1"},
           {"oras://*.org/x", "oras://a.*/x"},
       }) {
    EXPECT_NE(common_name(one, other), "") << one << " " << other;
    EXPECT_NE(common_name(other, one), "") << other << " " << one;
  }
}

TEST(CommonName, IsNoneWhereThereIsNone) {
  for (const auto& [one, other] : {
           Pair{"/a/b.sif", "/a/c.sif"},
           {"/a/*", "/a/*/*"},
           {"/a/*", "/a/.b"},
           {"/a/**", "/a/b/.c"},
           {"/a/[a-c]x", "/a/[d-f]x"},
           {"/a/?", "/a/bc"},
           {"/h/r:1", "oras://h/r:1"},
           {"oras://h/r:1", "oras://h/r:2"},
       }) {
    EXPECT_EQ(common_name(one, other), "") << one << " " << other;
    EXPECT_EQ(common_name(other, one), "") << other << " " << one;
  }
}

TEST(CommonName, IsMatchedByBothWhateverThePatterns) {
  std::mt19937 random(4711);  // NOLINT(cert-msc51-cpp): the same pairs each time
  const auto pattern = [&] {
    const std::string parts = "ab.*?[";
    std::string text;
    for (int component = 0; component < 3; ++component) {
      text += '/';
      if (random() % 6 == 0) {
        text += "**";
        continue;
      }
      for (int i = 0; i < 3; ++i) {
        const char c = parts[random() % parts.size()];
        text += c == '[' ? "[ab]" : std::string(1, c);
      }
    }
    return text;
  };
  int found = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string one = pattern();
    const std::string other = pattern();
    const std::string name = common_name(one, other);
    if (name.empty()) continue;
    ++found;
    EXPECT_TRUE(matches_text(one, name) && matches_text(other, name)) << name;
    EXPECT_TRUE(patterns_overlap(one, other)) << one << " " << other;
  }
  EXPECT_GT(found, 100);
}

}  // namespace
}  // namespace sifguard
