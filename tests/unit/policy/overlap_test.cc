// Patterns against patterns: held against matches_text() on names that both could match.
#include "keystore/policy/overlap.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "keystore/policy/image_pattern.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

struct Pair {
  const char* one;
  const char* other;
};

TEST(OverlapTest, SeesWhatBothMatch) {
  for (const auto& [one, other] : {
           Pair{"/a/b.sif", "/a/b.sif"},
           {"/a/*.sif", "/a/b.sif"},
           {"/a/**", "/a"},
           {"/a/**", "/a/b/c"},
           {"/**", "/a"},
           {"/**/c", "/a/**"},
           {"/a/x*", "/a/*y"},
           {"/a/*x*", "/a/b?d"},
           {"/a/[a-c]x", "/a/bx"},
           {"/a/[a-c]x", "/a/?x"},
           {"/a/[a-c]x", "/a/[b-d]x"},
           {"/a/[!a]*",
            "/a/a*"},          // a byte that is no UTF-8 after the a makes one character of both
           {"/a/a?", "/a/?"},  // the same
           {"/a/\xC3\xA9", "/a/?"},
           {"/a/[^b]", "/a/\xC3\xA9"},
           {"/a/[]]", "/a/]"},
           {"/a/[]]x", "/a/]*"},
           {"/a/[!]]x", "/a/b*"},
           {"/*/b/**", "/a/**/c"},
           {"/a/**/**/b", "/a/b"},
           {"oras://h/**", "oras://h/r:1"},
           {"oras://*.org/x", "oras://a.*/x"},
       }) {
    EXPECT_TRUE(patterns_overlap(one, other)) << one << " " << other;
    EXPECT_TRUE(patterns_overlap(other, one)) << other << " " << one;
  }
}

TEST(OverlapTest, TellsApartWhatHasNothingInCommon) {
  for (const auto& [one, other] : {
           Pair{"/a/b.sif", "/a/c.sif"},
           {"/a/*.sif", "/a/b.img"},
           {"/a/*.sif", "/a/b/c.sif"},
           {"/a/*", "/b/*"},
           {"/a/**/c", "/a/**/d"},
           {"/a/b*", "/a/c*"},
           {"/a/[bc]", "/a/bc"},
           {"/a/[a-c]", "/a/d"},
           {"/ab/**", "/a"},
           {"/a/*/c", "/a/c"},
           {"oras://h/**", "https://h/**"},
           {"oras://h/**", "/h/a"},
       }) {
    EXPECT_FALSE(patterns_overlap(one, other)) << one << " " << other;
    EXPECT_FALSE(patterns_overlap(other, one)) << other << " " << one;
  }
}

TEST(OverlapTest, Covers) {
  for (const auto& [wide, narrow] : {
           Pair{"/a/**", "/a/b.sif"},
           {"/a/**", "/a"},
           {"/a/**", "/a/*.sif"},
           {"/a/**", "/a/b/**"},
           {"/**", "/*/x"},
           {"/a/*", "/a/b.sif"},
           {"/a/[b*", "/a/[b*"},
           {"oras://h/**", "oras://h/r/*"},
       }) {
    EXPECT_TRUE(pattern_covers(wide, narrow)) << wide << " " << narrow;
  }
  for (const auto& [wide, narrow] : {
           Pair{"/a/b.sif", "/a/**"},
           {"/a/**", "/a/.b/*"},
           {"/a/**", "/a/.b"},
           {"/a/**", "/a/*/.b"},
           {"/a/**", "/ab/*"},
           {"/a/*", "/a/b*"},  // true, and not said
           {"/*/**", "/a/*"},
           {"/**", "oras://h/*"},
           {"oras://h/**", "oras://hh/*"},
       }) {
    EXPECT_FALSE(pattern_covers(wide, narrow)) << wide << " " << narrow;
  }
}

/// Random patterns and names over a small alphabet, so that many of them meet.
class Maker {
 public:
  std::string pattern() {
    std::string text;
    do {
      text += '/';
      if (below(5) == 0) {
        text += "**";
      } else {
        std::string component;
        do {
          const char* const piece = kPieces[below(kPieces.size())];
          if (!(component.ends_with('*') && *piece == '*')) component += piece;
        } while (below(2) == 0);
        text += component;
      }
    } while (below(2) == 0);
    return text;
  }
  std::string name() {
    std::string text;
    do {
      text += '/';
      do text += kCharacters[below(kCharacters.size())];
      while (below(2) == 0);
    } while (below(2) == 0);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  const std::vector<const char*> kPieces = {"a", "b",    ".",     "?",   "*", "[a]",
                                            "*", "[!a]", "[^ab]", "[]]", "]", "\xC3\xA9"};
  const std::vector<const char*> kCharacters = {"a", "b", ".", "]", "\xC3\xA9", "\x80"};
  std::mt19937 random_{4711};  // NOLINT: the same every time
};

TEST(OverlapTest, NeverErrsToTheWrongSide) {
  Maker make;
  int both = 0, covered = 0, apart = 0;
  for (int round = 0; round < 400; ++round) {
    const std::string one = make.pattern();
    const std::string other = make.pattern();
    if (!canonical_pattern(one) || !canonical_pattern(other)) continue;
    const bool overlap = patterns_overlap(one, other);
    ASSERT_EQ(overlap, patterns_overlap(other, one)) << one << " " << other;
    const bool covers = pattern_covers(one, other);
    if (!overlap) ++apart;
    for (int i = 0; i < 300; ++i) {
      const std::string name = make.name();
      if (!matches_text(other, name)) continue;
      if (covers) {
        ++covered;
        ASSERT_TRUE(matches_text(one, name)) << one << " " << other << " " << name;
      }
      if (!matches_text(one, name)) continue;
      ++both;
      ASSERT_TRUE(overlap) << one << " " << other << " " << name;
    }
  }
  EXPECT_GT(both, 100);
  EXPECT_GT(covered, 20);
  EXPECT_GT(apart, 50);
}

}  // namespace
}  // namespace sifguard
