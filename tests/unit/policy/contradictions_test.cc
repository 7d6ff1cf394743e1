// Bindings that name different keys or digests for one image.
#include "keystore/policy/contradictions.h"
#include "tests/unit/policy/names.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

Binding binding(std::vector<std::string> match, const std::string& key) {
  Binding made;
  made.match = std::move(match);
  if (!key.empty()) made.key = key;
  return made;
}

/// "FIRST SECOND IMAGE" each.
std::string found(const std::vector<Binding>& bindings) {
  std::string all;
  for (const Contradiction& one : find_contradictions(bindings)) {
    all += std::to_string(one.first) + " " + std::to_string(one.second) + " " + one.image + "\n";
  }
  return all;
}

TEST(Contradictions, ANameWithinAPatternWhicheverComesFirst) {
  const Binding tree = binding({"/x", "/apps/**"}, "k");
  const Binding one = binding({"/apps/pub/lol.sif"}, "p");
  EXPECT_EQ(found({tree, one}), "0 1 /apps/pub/lol.sif\n");
  EXPECT_EQ(found({one, tree}), "0 1 /apps/pub/lol.sif\n");
  EXPECT_EQ(found({tree, binding({"/apps/pub/lol.sif"}, "k")}), "");
  EXPECT_EQ(found({tree, binding({"/apps/pub/lol.sif"}, "")}), "");
  EXPECT_EQ(found({tree, binding({"/home/lol.sif"}, "p")}), "");
}

TEST(Contradictions, TheSameName) {
  EXPECT_EQ(found({binding({"/a"}, "k"), binding({"/b", "/a"}, "p")}), "0 1 /a\n");
  EXPECT_EQ(found({binding({"/a"}, ""), binding({"/a"}, "k"), binding({"/a"}, "k"),
                   binding({"/a"}, "p"), binding({"/a"}, "")}),
            "1 3 /a\n2 3 /a\n");
}

TEST(Contradictions, APatternWithinAPattern) {
  EXPECT_EQ(found({binding({"/apps/**"}, "k"), binding({"/apps/pub/*.sif"}, "p")}),
            "0 1 /apps/pub/x.sif\n");
  EXPECT_EQ(found({binding({"oras://h/*:1"}, "k"), binding({"oras://h/[a-c]?[!a]:1"}, "p")}),
            "0 1 oras://h/ax~:1\n");
  EXPECT_EQ(found({binding({"/apps/*"}, "k"), binding({"/apps/*/*"}, "p")}), "");
  EXPECT_EQ(found({binding({"/**"}, "k"), binding({"/a"}, "p")}), "0 1 /a\n");
  EXPECT_EQ(found({binding({"/a/**"}, "k"), binding({"/a"}, "p")}), "0 1 /a\n");
  EXPECT_EQ(found({binding({"/a*"}, "k"), binding({"/a"}, "p")}), "0 1 /a\n");
}

TEST(Contradictions, Digests) {
  Binding a = binding({"/a"}, "k");
  Binding b = binding({"/*"}, "k");
  a.digest = "sha256:1";
  EXPECT_EQ(found({a, b}), "");
  b.digest = "sha256:2";
  EXPECT_EQ(found({a, b}), "0 1 /a\n");
  EXPECT_FALSE(find_contradictions({a, b})[0].keys);
  b.key = "p";
  EXPECT_TRUE(find_contradictions({a, b})[0].keys);
}

TEST(Contradictions, ExamplesMatchTheirPatterns) {
  for (const char* pattern : {"/a", "/**", "/a/**/b", "/a*b?c", "/[abc]", "/[!a]", "/[^~]", "/.*",
                              "library://e/c/i:*", "/a[", "/[", "/[]", "/[!", "/[[]", "/a**b"}) {
    const std::string name = example_of(pattern);
    EXPECT_TRUE(name.empty() || matches_text(pattern, name)) << pattern << " " << name;
  }
  EXPECT_EQ(example_of("/apps/**/l?l*.sif"), "/apps/x/lxlx.sif");
  EXPECT_EQ(example_of("/["), "");
  EXPECT_EQ(example_of("/[!"), "");
}

TEST(Contradictions, DecideRefusesWhatIsFound) {
  std::vector<Binding> bindings = {binding({"/apps/**"}, "k"), binding({"/apps/[bc]*"}, "p")};
  for (Binding& each : bindings) {
    each.allow.users = std::vector<std::string>{std::string(kAnyUser)};
  }
  const auto all = find_contradictions(bindings);
  ASSERT_EQ(all.size(), 1U);
  Facts facts;
  facts.user = "alice";
  facts.image_names = test::named({all[0].image});
  const auto decision = decide(Policy{bindings}, facts);
  ASSERT_FALSE(decision);
  EXPECT_NE(decision.error().line().find("another key"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
