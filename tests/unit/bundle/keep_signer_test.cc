#include "keystore/bundle/keep_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kId(40, 'A');
const std::string kSubkey(40, 'B');

SignerEntry entry(const std::string& id, SignerState state = SignerState::active,
                  const std::string& reason = {}, std::int64_t at = 0) {
  SignerEntry one;
  one.record.id = id;
  one.record.names = {id};
  one.record.state = state;
  one.record.reason = reason;
  one.record.state_at = at;
  one.key = "the text";
  return one;
}

Result<PgpMerged> not_asked(const PgpMergeRequest& request) {
  ADD_FAILURE() << "asked about " << request.fingerprint;
  return fail(Code::internal, "not to be asked");
}

/// What a merge gives, of parts before and after.
MergeOpenPgp gives(const std::vector<OpenPgpSubkey>& before,
                   const std::vector<OpenPgpSubkey>& after) {
  const auto key = [](const std::vector<OpenPgpSubkey>& parts) {
    OpenPgpKey made;
    made.fingerprint = kId;
    made.parts = parts;
    made.revoked = parts.front().revoked;
    made.expires = parts.front().expires;
    return made;
  };
  return [=](const PgpMergeRequest& request) -> Result<PgpMerged> {
    EXPECT_EQ(request.added, "the text");
    EXPECT_EQ(request.stored, "what comes");
    EXPECT_EQ(request.fingerprint, kId);
    PgpMerged merged;
    merged.before = key(before);
    merged.after = key(after);
    merged.armored = "both";
    return merged;
  };
}

OpenPgpSubkey part(const std::string& fingerprint, std::int64_t expires = 0, bool revoked = false) {
  return {fingerprint, 1, expires, revoked, false, true};
}

SignerEntry coming() {
  SignerEntry one = entry(kId);
  one.key = "what comes";
  return one;
}

TEST(KeepSigner, TheGraverRevocationStays) {
  const std::string id = "spki:" + std::string(64, 'a');
  const SignerEntry soft = entry(id, SignerState::revoked, "superseded", 50);
  const SignerEntry hard = entry(id, SignerState::revoked, "keyCompromise", 90);
  const SignerEntry later = entry(id, SignerState::revoked, "superseded", 70);
  for (const SignerEntry& own : {soft, hard}) {
    for (const SignerEntry& other : {entry(id), entry(id, SignerState::retired, "", 10), later}) {
      SignerEntry there = other;
      EXPECT_TRUE(keep_of_signer(own, there, not_asked)->revocation);
      EXPECT_EQ(there.record.state, SignerState::revoked);
      EXPECT_EQ(there.record.reason, own.record.reason);
      EXPECT_EQ(there.record.state_at, own.record.state_at);
    }
  }
  SignerEntry there = hard;
  EXPECT_TRUE(keep_of_signer(soft, there, not_asked)->is_nothing());
  EXPECT_EQ(there.record.reason, "keyCompromise");
}

TEST(KeepSigner, WhatCanBeTakenBackFollows) {
  const std::string id = "spki:" + std::string(64, 'a');
  SignerEntry there = entry(id);
  EXPECT_TRUE(
      keep_of_signer(entry(id, SignerState::retired, "", 5), there, not_asked)->is_nothing());
  EXPECT_EQ(there.record.state, SignerState::active);
}

TEST(KeepSigner, OfTheSameTextNobodyIsAsked) {
  SignerEntry there = entry(kId);
  EXPECT_TRUE(keep_of_signer(entry(kId), there, not_asked)->is_nothing());
}

TEST(KeepSigner, AnOpenPgpKeyIsMerged) {
  SignerEntry there = coming();
  const auto kept = keep_of_signer(entry(kId), there,
                                   gives({part(kId)}, {part(kId, 100), part(kSubkey, 0, true)}));
  ASSERT_TRUE(kept);
  EXPECT_THAT(kept->of_key,
              ElementsAre("it expires on 1970-01-01T00:01:40Z", "it has the subkey " + kSubkey,
                          "its subkey " + kSubkey + " is revoked by its owner"));
  EXPECT_EQ(there.key, "both");
  EXPECT_EQ(there.record.expires, 100);
  EXPECT_EQ(there.record.state, SignerState::active);
}

TEST(KeepSigner, TheOwnersRevocationStays) {
  SignerEntry there = coming();
  const auto kept =
      keep_of_signer(entry(kId), there, gives({part(kId)}, {part(kId, 0, true), part(kSubkey)}));
  ASSERT_TRUE(kept);
  EXPECT_THAT(kept->of_key, ElementsAre("it is revoked by its owner"));
  EXPECT_EQ(there.record.state, SignerState::revoked);
  EXPECT_EQ(there.record.reason, "unspecified");
}

TEST(KeepSigner, NewsOfTheCopyThatComesAreNone) {
  SignerEntry there = coming();
  const std::vector<OpenPgpSubkey> parts = {part(kId, 100), part(kSubkey, 0, true)};
  const auto kept = keep_of_signer(entry(kId), there, gives(parts, parts));
  ASSERT_TRUE(kept);
  EXPECT_THAT(kept->of_key, IsEmpty());
}

TEST(KeepSigner, TroubleThatPassesIsNoAnswer) {
  for (const Code code : {Code::temporary, Code::unavailable}) {
    SignerEntry there = coming();
    const auto kept = keep_of_signer(entry(kId), there, [&](const PgpMergeRequest&) {
      return Result<PgpMerged>(fail(code, "no memory"));
    });
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code(), code);
  }
  EXPECT_FALSE(keep_of_signer(entry(kId), *std::make_unique<SignerEntry>(coming()), {}));
}

TEST(KeepSigner, WhatIsNoKeyIsReplacedAndTold) {
  SignerEntry there = coming();
  const auto kept = keep_of_signer(entry(kId), there, [](const PgpMergeRequest&) {
    return Result<PgpMerged>(fail(Code::refused, "damaged"));
  });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->incomparable, "damaged");
  EXPECT_EQ(there.key, "what comes");
}

}  // namespace
}  // namespace sifguard
