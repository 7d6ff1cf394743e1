// Which bindings no signature satisfies together.
#include "keystore/policy/common_signers.h"

#include <gtest/gtest.h>

#include "keystore/policy/common_audience.h"

namespace sifguard {
namespace {

using Names = std::vector<std::string>;

const std::string kAda(40, 'A');
const std::string kBob(40, 'B');
constexpr const char* kRaw = "spki:11";
constexpr const char* kOther = "spki:22";
constexpr const char* kName = "x509:subject:CN=carol";

Binding any_of(const std::string& name, Names signers) {
  Binding made;
  made.name = name;
  made.signers.any_of = std::move(signers);
  return made;
}
Binding all_of(const std::string& name, Names signers) {
  Binding made;
  made.name = name;
  made.signers.all_of = std::move(signers);
  return made;
}
Binding only(Binding binding) {
  binding.signers.no_strangers = true;
  return binding;
}
Binding late(Binding binding) {
  binding.signers.signed_after = 1000;
  return binding;
}
Binding warns(Binding binding) {
  binding.mode = Mode::warn;
  return binding;
}

std::string why(const std::vector<Binding>& bindings) {
  std::vector<const Binding*> all;
  for (const Binding& one : bindings) all.push_back(&one);
  return contradicting_signers(all);
}
bool contradict(const std::vector<Binding>& bindings) {
  return !why(bindings).empty();
}

TEST(CommonSigners, StrangersContradictOnlyWhereAllSignaturesCount) {
  EXPECT_EQ(why({any_of("a", {kAda}), any_of("b", {kBob})}), "") << "both may have signed";
  EXPECT_EQ(why({any_of("a", {kRaw}), only(any_of("b", {kOther}))}),
            "'a' requires signatures of spki:11, 'b' those of spki:22, and nobody else");
  EXPECT_TRUE(contradict({only(any_of("b", {kBob})), any_of("a", {kAda})})) << "in any order";
  EXPECT_TRUE(contradict({only(any_of("a", {kAda})), only(any_of("b", {kBob}))}));
  EXPECT_FALSE(contradict({only(any_of("a", {kAda})), only(any_of("b", {kAda}))}));
}

TEST(CommonSigners, OneOfSeveralIsEnough) {
  EXPECT_FALSE(contradict({any_of("a", {kAda, kBob}), only(any_of("b", {kBob}))}));
  EXPECT_FALSE(contradict({any_of("a", {kBob}), only(all_of("b", {kAda, kBob}))}));
  EXPECT_TRUE(contradict({any_of("a", {kAda, kRaw}), only(any_of("b", {kBob, kOther}))}));
}

TEST(CommonSigners, EachThatMustHaveSignedIsNoStranger) {
  EXPECT_TRUE(contradict({all_of("a", {kAda, kBob}), only(any_of("b", {kBob}))}));
  EXPECT_FALSE(contradict({all_of("a", {kAda, kBob}), only(any_of("b", {kAda, kBob}))}));
}

TEST(CommonSigners, ThreeOfWhichAnyTwoAgree) {
  EXPECT_TRUE(contradict({any_of("a", {kAda, kBob}), only(any_of("b", {kAda, kRaw})),
                          only(any_of("c", {kBob, kRaw}))}));
}

TEST(CommonSigners, ACertificateMayNameARawKeyButNoOpenPgpKey) {
  EXPECT_FALSE(contradict({any_of("a", {kRaw}), only(any_of("b", {kName}))}));
  EXPECT_FALSE(contradict({any_of("a", {kName}), only(any_of("b", {kRaw}))}));
  EXPECT_FALSE(contradict({any_of("a", {kName}), only(any_of("b", {"x509:san:dns:a.b"}))}));
  EXPECT_TRUE(contradict({any_of("a", {kName}), only(any_of("b", {kAda}))}));
  EXPECT_TRUE(contradict({any_of("a", {kRaw}), only(any_of("b", {kAda}))}));
}

TEST(CommonSigners, WhatHasNoDateDoesNotHelpWhereADateIsRequired) {
  EXPECT_TRUE(contradict({late(any_of("a", {kAda, kRaw})), only(any_of("b", {kRaw}))}));
  EXPECT_FALSE(contradict({late(any_of("a", {kAda, kRaw})), only(any_of("b", {kAda}))}));
}

TEST(CommonSigners, BindingsThatOnlyWarnRefuseNobody) {
  EXPECT_FALSE(contradict({warns(any_of("a", {kAda})), warns(only(any_of("b", {kBob})))}));
  EXPECT_TRUE(contradict({warns(any_of("a", {kAda})), only(any_of("b", {kBob}))}))
      << "one that enforces makes all of them";
}

TEST(CommonSigners, NobodyIsLeft) {
  const Binding a = any_of("a", {kAda});
  const Binding b = only(any_of("b", {kBob}));
  const CommonAudience common = common_audience({&a, &b}, 1000);
  EXPECT_EQ(common.by, NobodyBy::signers);
  EXPECT_EQ(common.left, "");
  EXPECT_EQ(common_audience({&b}, 1000).by, NobodyBy::none);
}

}  // namespace
}  // namespace sifguard
