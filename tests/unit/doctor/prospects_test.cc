// Whether any launch could pass by a binding, and with a key.
#include "keystore/doctor/prospects.h"

#include <gmock/gmock.h>

#include "keystore/doctor/checks.h"
#include "keystore/store/revoked_digests.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000;
const std::string kPgp(40, 'A');
const std::string kRaw = "spki:" + std::string(64, 'b');
const std::string kDigest = "sha256:" + std::string(64, 'c');

SignerRecord signer(const std::string& id) {
  SignerRecord record;
  record.id = id;
  record.label = id;
  record.names = {id};
  return record;
}

class ProspectsTest : public test::StoreFixture {
 protected:
  void SetUp() override {
    test::StoreFixture::SetUp();
    examined_.plan.now = kNow;
    examined_.keystore.emplace(*std::move(Keystore::open(path(), trust())));
    examined_.policy.emplace();
    examined_.signers = {signer(kPgp), signer(kRaw)};
    examined_.keys.emplace();
    Binding binding;
    binding.name = "cow";
    binding.match = {"/cow.sif"};
    binding.signers.any_of = {kPgp};
    binding.allow.users = std::vector<std::string>{"alice"};
    examined_.policy->bindings = {binding};
  }
  Binding& binding() { return examined_.policy->bindings.front(); }
  SignerRecord& pgp() { return examined_.signers->front(); }
  KeyRecord& add_key() {
    KeyRecord key;
    key.id = std::string(64, 'd');
    key.name = "key";
    key.has_private = true;
    key.rule.signers = {kPgp};
    key.rule.everyone = true;
    examined_.keys->push_back(key);
    binding().key = "key";
    return examined_.keys->back();
  }
  Prospect found() { return find_prospects(examined_).bindings.front(); }
  Prospect found_key() { return find_prospects(examined_).keys.front(); }
  std::vector<Finding> findings() {
    Findings all;
    all.begin("launches");
    check_launches(examined_, all);
    return all.all();
  }
  Examined examined_;
};

TEST_F(ProspectsTest, OneThatPassesForEver) {
  EXPECT_TRUE(found().passes);
  EXPECT_EQ(found().until, 0);
  EXPECT_EQ(found().why, "");
  EXPECT_TRUE(findings().empty());
}

TEST_F(ProspectsTest, WhatEndsFirst) {
  pgp().expires = kNow + 100;
  EXPECT_EQ(found().until, kNow + 100);
  binding().not_after = kNow + 50;
  EXPECT_EQ(found().until, kNow + 51);
  binding().signers.any_of.push_back(kRaw);
  binding().not_after.reset();
  EXPECT_EQ(found().until, 0) << "another signer goes on";
  binding().signers.all_of = {kPgp};
  EXPECT_EQ(found().until, kNow + 100);
  pgp().expires = kNow;
  EXPECT_FALSE(found().passes);
}

TEST_F(ProspectsTest, TimesOfTheBinding) {
  binding().not_before = kNow + 1;
  EXPECT_FALSE(found().passes);
  EXPECT_TRUE(found().is_others);
  binding().not_before.reset();
  binding().not_after = kNow - 1;
  EXPECT_FALSE(found().passes);
  EXPECT_TRUE(findings().empty()) << "told with what is wrong with bindings";
}

TEST_F(ProspectsTest, APinnedImageThatIsRevoked) {
  binding().digest = kDigest;
  EXPECT_TRUE(found().passes);
  ASSERT_TRUE(revoke_digest(*store_, {kDigest, 0, "CVE"}));
  EXPECT_FALSE(found().passes);
  ASSERT_EQ(findings().size(), 1U);
  EXPECT_THAT(findings().front().what, HasSubstr("is revoked (CVE)"));
}

TEST_F(ProspectsTest, SignaturesThatAreTooOldOrDoNotSayWhen) {
  binding().signers.signed_after = kNow - 1000;
  EXPECT_TRUE(found().passes);
  pgp().state = SignerState::retired;
  pgp().state_at = kNow - 999;
  EXPECT_TRUE(found().passes);
  pgp().state_at = kNow - 1000;
  EXPECT_FALSE(found().passes);
  EXPECT_EQ(findings().size(), 1U);
  binding().signers.any_of = {kRaw};
  EXPECT_FALSE(found().passes);
  EXPECT_THAT(found().why, HasSubstr("do not say when"));
}

TEST_F(ProspectsTest, ASignerThatTheKeystoreLacksRefusesThoughAnotherSigned) {
  binding().signers.any_of.push_back(std::string(40, 'F'));
  EXPECT_FALSE(found().passes);
}

TEST_F(ProspectsTest, ModeWarnNeedsNoSignature) {
  pgp().expires = kNow - 1;
  EXPECT_FALSE(found().passes);
  binding().mode = Mode::warn;
  EXPECT_TRUE(found().passes);
}

TEST_F(ProspectsTest, OthersThatLeaveNobody) {
  Binding other = binding();
  other.name = "all";
  other.match = {"/**"};
  other.allow.users = std::vector<std::string>{"bob"};
  examined_.policy->bindings.push_back(other);
  EXPECT_FALSE(found().passes);
  EXPECT_THAT(found().why, HasSubstr("'cow' allows users alice, 'all' allows users bob"));
  EXPECT_TRUE(find_prospects(examined_).bindings.back().passes) << "it is for other images, too";
}

TEST_F(ProspectsTest, KeysAndTheirLines) {
  KeyRecord& key = add_key();
  EXPECT_TRUE(found().passes);
  EXPECT_TRUE(found_key().passes);
  key.state = KeyState::suspended;
  EXPECT_FALSE(found().passes);
  EXPECT_FALSE(found_key().passes);
  KeyRecord next = key;
  next.id = std::string(64, 'e');
  next.name = "next";
  next.state = KeyState::active;
  next.predecessor = key.id;
  examined_.keys->push_back(next);
  EXPECT_TRUE(found().passes) << "the one that replaces it serves";
  EXPECT_FALSE(found_key().passes);
  EXPECT_TRUE(find_prospects(examined_).keys.back().passes);
  examined_.keys->back().has_private = false;
  EXPECT_FALSE(found().passes);
}

TEST_F(ProspectsTest, TheKeysOwnRuleAsksForSigners) {
  add_key();
  binding().signers.any_of = {kPgp, kRaw};
  pgp().state = SignerState::revoked;
  pgp().reason = "keyCompromise";
  EXPECT_FALSE(found().passes) << "the raw key may sign the image, and not for the key";
  EXPECT_FALSE(found_key().passes);
  examined_.keys->front().rule.signers.push_back(kRaw);
  EXPECT_TRUE(found().passes);
  examined_.keys->front().rule.all_of = {kPgp};
  EXPECT_FALSE(found().passes);
  examined_.keys->front().rule = KeyRule();
  EXPECT_FALSE(found_key().passes) << "without a rule it releases nothing";
}

TEST_F(ProspectsTest, TheKeysOwnRuleLetsNoneOfTheBindingsUsers) {
  KeyRule& rule = add_key().rule;
  rule.everyone = false;
  rule.users = {"bob"};
  EXPECT_FALSE(found().passes);
  EXPECT_THAT(found().why, HasSubstr("the key 'key' has a rule that lets none of the users"));
  EXPECT_FALSE(found_key().passes);
  EXPECT_TRUE(findings().empty()) << "told with what is wrong with bindings";
  rule.groups = {"bio"};
  EXPECT_TRUE(found().passes) << "alice may be in it";
  rule.groups.clear();
  binding().allow.users = std::vector<std::string>{"*"};
  EXPECT_TRUE(found().passes);
  binding().allow.users = std::vector<std::string>{"alice", "bob"};
  EXPECT_TRUE(found().passes);
}

TEST_F(ProspectsTest, AKeyThatNoBindingLeadsTo) {
  add_key();
  binding().key.reset();
  EXPECT_FALSE(found_key().passes);
  EXPECT_TRUE(findings().empty()) << "told by the check of keys";
}

}  // namespace
}  // namespace sifguard
