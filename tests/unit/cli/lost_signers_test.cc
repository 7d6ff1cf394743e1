// What becomes of launches without signers.
#include "keystore/cli/lost_signers.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

class LostSignersTest : public testing::Test {
 protected:
  LostSignersTest() {
    Binding binding;
    binding.name = "cow";
    binding.signers.any_of = {"A", "B"};
    policy_.bindings = {binding};
    launch_.time = "2026-01-31T12:00:00.000Z";
    launch_.bindings = {"cow"};
    launch_.signers = {"A"};
  }
  SignerRequirement& wanted() { return policy_.bindings.front().signers; }
  Effect effect() { return effect_of(lost_, launch_, policy_, keys_); }
  Policy policy_;
  std::vector<KeyRecord> keys_;
  PastLaunch launch_;
  LostSigners lost_;
};

TEST_F(LostSignersTest, AnotherSignatureServesWhereOneIsAskedFor) {
  EXPECT_EQ(effect(), Effect::none) << "nobody is lost";
  lost_.names = {"A"};
  EXPECT_EQ(effect(), Effect::refused);
  launch_.signers.push_back("B");
  EXPECT_EQ(effect(), Effect::none);
  wanted().all_of = {"A"};
  EXPECT_EQ(effect(), Effect::refused);
}

TEST_F(LostSignersTest, WhoIsNamedAndNotThereRefuses) {
  lost_.names = {"B"};
  EXPECT_EQ(effect(), Effect::none);
  lost_.removed = true;
  EXPECT_EQ(effect(), Effect::refused);
  launch_.bindings = {"other"};
  EXPECT_EQ(effect(), Effect::none);
}

TEST_F(LostSignersTest, TheKeysRuleAsksToo) {
  KeyRecord key;
  key.id = "k";
  key.rule.signers = {"A"};
  keys_ = {key};
  launch_.key_id = "k";
  launch_.signers = {"A", "B"};
  lost_.names = {"A"};
  EXPECT_EQ(effect(), Effect::refused);
  keys_.front().rule.signers.push_back("B");
  EXPECT_EQ(effect(), Effect::none);
}

TEST_F(LostSignersTest, WhatWasLaunchedBeforeWasSignedBefore) {
  lost_.names = {"A"};
  lost_.at = 1'769'860'800;  // the moment of the launch
  EXPECT_EQ(effect(), Effect::none);
  lost_.at -= 1;
  EXPECT_EQ(effect(), Effect::perhaps);
}

TEST_F(LostSignersTest, ModeWarnAndBindingsThatAreGone) {
  lost_.names = {"A"};
  policy_.bindings.front().mode = Mode::warn;
  EXPECT_EQ(effect(), Effect::none);
  policy_.bindings.clear();
  EXPECT_EQ(effect(), Effect::refused);
}

}  // namespace
}  // namespace sifguard
