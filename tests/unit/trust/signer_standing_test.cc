// What counts now of what signers signed, by what launches make of them.
#include "keystore/trust/signer_standing.h"

#include <gmock/gmock.h>

#include "keystore/store/trust_store.h"
#include "keystore/x509/describe_certificate.h"
#include "tests/unit/store/store_fixture.h"
#include "tests/unit/x509/pki_data.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

class SignerStandingTest : public test::StoreFixture {
 protected:
  void SetUp() override {
    test::StoreFixture::SetUp();
    trust(TrustKind::root, test::pem("root"), '1');
    trust(TrustKind::intermediate, test::pem("inter"), '2');
  }
  void trust(TrustKind kind, const std::string& text, char digit) {
    ASSERT_TRUE(add_trust_item(*store_, kind, {std::string(64, digit), text}));
  }
  void lists() {
    trust(TrustKind::crl, test::pki_file("root.crl"), '3');
    trust(TrustKind::crl, test::pki_file("inter.crl"), '4');
  }
  static SignerRecord record_of(const std::string& certificate) {
    const auto described = describe_signer_certificate(test::pem(certificate)).value();
    SignerRecord record;
    record.id = "cert:" + described.digest;
    record.label = described.subject;
    record.algorithm = described.algorithm;
    record.created = described.not_before;
    record.expires = described.not_after;
    record.names = {"x509:subject:" + described.subject};
    return record;
  }
  /// "WORD" of a certificate that the keystore has.
  std::string word(const std::string& certificate, Revocation revocation = Revocation::crl,
                   std::int64_t later = 0) {
    const SignerRecord record = record_of(certificate);
    EXPECT_TRUE(store_->add_signer(record, test::pem(certificate)));
    return standing(record.id, revocation, later).word;
  }
  SignerStanding standing(const std::string& id, Revocation revocation = Revocation::crl,
                          std::int64_t later = 0) {
    const auto all = store_->signers().value();
    SignerStandings standings(*store_, all, revocation, test::made_at() + later);
    for (const SignerRecord& each : all) {
      if (each.id == id) return standings.of(each);
    }
    ADD_FAILURE() << id;
    return {};
  }
};

TEST_F(SignerStandingTest, WithoutAListNothingIsKnown) {
  EXPECT_EQ(word("carol"), "revocation unknown");
  EXPECT_EQ(word("carol", Revocation::off), "active");
  const SignerStanding unknown = standing(record_of("carol").id);
  EXPECT_EQ(unknown.counts, SignerStanding::Counts::none);
  EXPECT_THAT(unknown.why, HasSubstr("has no CRL of its issuer"));
  lists();
  const SignerStanding good = standing(record_of("carol").id);
  EXPECT_EQ(good.word, "active");
  EXPECT_EQ(good.why, "");
  EXPECT_GT(good.until, test::made_at());
  EXPECT_LT(good.until, record_of("carol").expires) << "the list ends before";
}

TEST_F(SignerStandingTest, WhatAListRevokesDoesNotCountWhateverWasSet) {
  lists();
  EXPECT_EQ(word("revoked"), "revoked (CRL)");
  EXPECT_EQ(word("revoked", Revocation::off), "active") << "as a launch has it";
  ASSERT_TRUE(store_->set_signer_state(record_of("revoked").id, SignerState::retired,
                                       test::made_at() - 1, ""));
  EXPECT_EQ(standing(record_of("revoked").id).word, "revoked (CRL)");
}

TEST_F(SignerStandingTest, WhatItIsNotForAndWhoIssuedIt) {
  lists();
  EXPECT_EQ(word("server"), "cannot sign");
  EXPECT_EQ(word("impostor"), "untrusted");
}

TEST_F(SignerStandingTest, Times) {
  lists();
  constexpr std::int64_t kYears = 20 * 365 * test::kDay;
  EXPECT_EQ(word("carol", Revocation::off, kYears), "expired");
  EXPECT_EQ(word("carol", Revocation::off, -kYears), "not yet valid");
  SignerRecord pgp;
  pgp.id = std::string(40, 'A');
  pgp.label = "alice";
  pgp.algorithm = "ed25519";
  pgp.created = test::made_at() - 10;
  pgp.expires = test::made_at() + 10;
  pgp.names = {pgp.id};
  ASSERT_TRUE(store_->add_signer(pgp, "key"));
  EXPECT_EQ(standing(pgp.id).until, pgp.expires);
  EXPECT_EQ(standing(pgp.id, Revocation::crl, 10).word, "expired");
  EXPECT_EQ(standing(pgp.id, Revocation::crl, -1000).word, "not yet valid");
}

TEST_F(SignerStandingTest, WhatWasSet) {
  SignerRecord raw;
  raw.id = "spki:" + std::string(64, 'b');
  raw.label = "site";
  raw.algorithm = "ed25519";
  raw.names = {raw.id};
  ASSERT_TRUE(store_->add_signer(raw, "key"));
  EXPECT_EQ(standing(raw.id).word, "active");
  ASSERT_TRUE(store_->set_signer_state(raw.id, SignerState::retired, 1000, ""));
  EXPECT_EQ(standing(raw.id).word, "retired");
  EXPECT_EQ(standing(raw.id).counts, SignerStanding::Counts::all) << "they do not say when";
  ASSERT_TRUE(store_->set_signer_state(raw.id, SignerState::revoked, 1000, "superseded"));
  EXPECT_EQ(standing(raw.id).counts, SignerStanding::Counts::none);
  EXPECT_THAT(standing(raw.id).why, HasSubstr("superseded"));
  SignerRecord pgp = raw;
  pgp.id = std::string(40, 'A');
  pgp.names = {pgp.id};
  ASSERT_TRUE(store_->add_signer(pgp, "key"));
  ASSERT_TRUE(store_->set_signer_state(pgp.id, SignerState::revoked, 1000, "superseded"));
  EXPECT_EQ(standing(pgp.id).counts, SignerStanding::Counts::older);
  ASSERT_TRUE(store_->set_signer_state(pgp.id, SignerState::revoked, 1000, "keyCompromise"));
  EXPECT_EQ(standing(pgp.id).counts, SignerStanding::Counts::none);
}

TEST_F(SignerStandingTest, ARevokedRawKeySpeaksForItsCertificates) {
  lists();
  EXPECT_EQ(word("carol"), "active");
  const std::int64_t now = test::made_at();
  SignerRecord raw;
  const CertificateRules none = {TrustAnchors::parse({}, {}).value(), CrlSet(), OcspSet(),
                                 Revocation::off, now};
  raw.id = "spki:" + check_certificate(test::pem("carol"), none)->verdict.spki;
  raw.label = "carol's";
  raw.algorithm = "p256";
  raw.names = {raw.id};
  ASSERT_TRUE(store_->add_signer(raw, "key"));
  EXPECT_EQ(standing(record_of("carol").id).word, "active");
  ASSERT_TRUE(store_->set_signer_state(raw.id, SignerState::revoked, now - 1, "keyCompromise"));
  EXPECT_EQ(standing(record_of("carol").id).word, "revoked");
}

TEST_F(SignerStandingTest, TrustThatCannotBeReadRefusesAll) {
  EXPECT_EQ(word("carol", Revocation::off), "active");
  trust(TrustKind::root, "no certificate", '9');
  EXPECT_EQ(standing(record_of("carol").id, Revocation::off).word, "unusable");
}

}  // namespace
}  // namespace sifguard
