// Permission to use a key: what the key's own rule, its state and the mode refuse.
#include "helper/release/key_grant.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "tests/unit/release/granting.h"

namespace sifguard {
namespace {

using test::admission_of;
using test::decision_of;
using test::kOtherSigner;
using test::kSigner;
using test::record_of;

// Nothing but grant_key() makes one: a skipped check does not compile.
static_assert(!std::is_default_constructible_v<KeyGrant>);
static_assert(!std::is_constructible_v<KeyGrant, KeyRecord>);

void expect_denied(const Result<KeyGrant>& grant, const std::string& part) {
  ASSERT_FALSE(grant) << part;
  EXPECT_EQ(grant.error().code(), Code::denied);
  EXPECT_NE(grant.error().line().find(part), std::string::npos) << grant.error().line();
}

TEST(KeyGrant, IsGivenToWhomTheRuleNames) {
  const auto grant = grant_key(decision_of(), admission_of(), record_of(), "alice", {});
  ASSERT_TRUE(grant) << grant.error().what();
  EXPECT_EQ(grant->key().id, record_of().id);
}

TEST(KeyGrant, IsGivenToAGroupTheRuleNames) {
  KeyRecord key = record_of();
  key.rule.users.clear();
  key.rule.groups = {"bio"};
  EXPECT_TRUE(grant_key(decision_of(), admission_of(), key, "bob", {"users", "bio"}));
  expect_denied(grant_key(decision_of(), admission_of(), key, "bob", {"users"}), "bob");
  // A user named like the group is not in it.
  expect_denied(grant_key(decision_of(), admission_of(), key, "bio", {}), "bio");
}

TEST(KeyGrant, BreakGlassStandsInForTheRulesAudienceAlone) {
  const auto with = [](Mode mode, const KeyRecord& key, const std::string& signer) {
    return grant_key(decision_of(mode, true, true), admission_of(signer), key, "alice", {});
  };
  EXPECT_EQ(with(Mode::enforce, record_of(), kSigner)->break_glass(), "");  // not needed
  KeyRecord key = record_of();
  key.rule.users = {"bob"};
  expect_denied(grant_key(decision_of(), admission_of(), key, "alice", {}), "alice");
  const auto grant = with(Mode::enforce, key, kSigner);
  ASSERT_TRUE(grant) << grant.error().what();
  EXPECT_EQ(grant->break_glass(), "bg-1");
  expect_denied(with(Mode::warn, key, kSigner), "warn");
  KeyRecord other = key;
  other.rule.signers = {std::string(40, 'C')};
  expect_denied(with(Mode::enforce, other, kSigner), "signers");
  other = key;
  other.rule.signers.clear();
  expect_denied(with(Mode::enforce, other, kSigner), "rule is not set");
  other = key;
  other.state = KeyState::suspended;
  expect_denied(with(Mode::enforce, other, kSigner), "suspended");
  // A grant on a binding that names no key says nothing about keys.
  expect_denied(
      grant_key(decision_of(Mode::enforce, false, true), admission_of(), key, "alice", {}),
      "alice");
}

TEST(KeyGrant, IsNeverGivenInWarnMode) {
  expect_denied(grant_key(decision_of(Mode::warn), admission_of(), record_of(), "alice", {}),
                "warn");
}

TEST(KeyGrant, ARetiredKeyStillDecrypts) {
  KeyRecord key = record_of();
  key.state = KeyState::retired;
  EXPECT_TRUE(grant_key(decision_of(), admission_of(), key, "alice", {}));
}

TEST(KeyGrant, SuspendedRevokedAndDestroyedKeysDoNot) {
  for (const KeyState state : {KeyState::suspended, KeyState::revoked, KeyState::destroyed}) {
    KeyRecord key = record_of();
    key.state = state;
    expect_denied(grant_key(decision_of(), admission_of(), key, "alice", {}),
                  std::string(key_state_name(state)));
  }
}

TEST(KeyGrant, AKeyWithoutARuleServesNobody) {
  KeyRecord key = record_of();
  key.rule = {};
  expect_denied(grant_key(decision_of(), admission_of(), key, "alice", {}), "rule is not set");
  key.rule.everyone = true;  // still names no signer
  expect_denied(grant_key(decision_of(), admission_of(), key, "alice", {}), "rule is not set");
}

TEST(KeyGrant, AnotherSignersImageIsDenied) {
  expect_denied(grant_key(decision_of(), admission_of(kOtherSigner), record_of(), "alice", {}),
                "signers");
  KeyRecord key = record_of();
  key.rule.everyone = true;  // everyone may use it, but for its own signers' images
  expect_denied(grant_key(decision_of(), admission_of(kOtherSigner), key, "alice", {}), "signers");
}

TEST(KeyGrant, ARuleOfTwoSignersIsNotMetByOne) {
  KeyRecord key = record_of();
  key.rule.signers.clear();
  key.rule.all_of = {kSigner, kOtherSigner};
  EXPECT_TRUE(grant_key(decision_of(), test::admission_of_both(), key, "alice", {}));
  expect_denied(grant_key(decision_of(), admission_of(kSigner), key, "alice", {}), kOtherSigner);
  expect_denied(grant_key(decision_of(), admission_of(kOtherSigner), key, "alice", {}), kSigner);
  // Nor does break-glass make one of two.
  key.rule.users = {"bob"};
  const Decision leave = decision_of(Mode::enforce, true, true);
  EXPECT_TRUE(grant_key(leave, test::admission_of_both(), key, "alice", {}));
  expect_denied(grant_key(leave, admission_of(kSigner), key, "alice", {}), kOtherSigner);
  expect_denied(grant_publication(Binding{}, admission_of(kSigner), key), kOtherSigner);
  EXPECT_TRUE(grant_publication(Binding{}, test::admission_of_both(), key));
}

TEST(KeyGrant, AnotherUserIsDenied) {
  expect_denied(grant_key(decision_of(), admission_of(), record_of(), "mallory", {"alice"}),
                "mallory");
  expect_denied(grant_key(decision_of(), admission_of(), record_of(), "", {}), "key lolcow-key");
}

}  // namespace
}  // namespace sifguard
