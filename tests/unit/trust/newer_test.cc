// What a bundle's lists and answers leave of those that a node has: a CA and a responder of ours
// speak.
#include "keystore/trust/newer.h"

#include <gmock/gmock.h>
#include <time.h>

#include "keystore/ca/responder.h"
#include "keystore/ocsp/answers.h"
#include "keystore/ocsp/responder_keys.h"
#include "keystore/trust/authorities.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/describe_certificate.h"
#include "keystore/x509/ocsp_request.h"
#include "tests/unit/ca/make_ca.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kHour = 3600;

class NewerTest : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    root_ = test::make_ca(*store_, now_ - 100 * kHour, false, KeyAlgorithm::p384).root;
    carol_ = test::issue_signer(*store_, "carol", now_ - 100 * kHour).value().pem;
    described_ = describe_signer_certificate(carol_).value();
    incoming_.trust.emplace_back(TrustKind::root, TrustItem{std::string(64, 'a'), root_});
    SignerEntry entry;
    entry.record.id = "cert:" + described_.digest;
    entry.key = carol_;
    incoming_.signers.push_back(entry);
  }
  std::string list(std::int64_t at) { return make_crls(*store_, "root", 9, at)->front().pem; }
  std::string answer(std::int64_t at) {
    EXPECT_TRUE(renew_responders(*store_, at));
    OcspAnswers answers(load_responders(*store_, at).value(), kHour);
    EXPECT_TRUE(answers.use(ca_index(*store_).value()));
    const Certificate certificate = parse_one_certificate(carol_).value();
    const Certificate issuer = parse_one_certificate(root_).value();
    return answers
        .answer(ask_about(certificate.get(), issuer.get(), OcspIdHash::sha256)->request, at)
        .der;
  }
  void hold(TrustKind kind, const std::string& name, const std::string& text) {
    ASSERT_TRUE(add_trust_item(*store_, kind, {name, text}));
  }
  void receive(TrustKind kind, const std::string& name, const std::string& text) {
    incoming_.trust.emplace_back(kind, TrustItem{name, text});
  }
  std::vector<std::string> notes() {
    const auto done = keep_newer_proofs(*store_, incoming_, now_);
    EXPECT_TRUE(done) << done.error().line();
    return done.value_or(std::vector<std::string>{"?"});
  }
  std::vector<std::string> texts(TrustKind kind) {
    std::vector<std::string> all;
    for (const auto& [of, item] : incoming_.trust) {
      if (of == kind) all.push_back(item.text);
    }
    return all;
  }

  std::int64_t now_ = ::time(nullptr);
  std::string root_, carol_;
  SignerCertificate described_;
  StoreContent incoming_;
};

TEST_F(NewerTest, AnOlderListLeavesTheNewerOne) {
  const std::string older = list(now_ - 9 * kHour);
  const std::string newer = list(now_ - kHour);
  hold(TrustKind::crl, std::string(64, 'b'), newer);
  receive(TrustKind::crl, std::string(64, 'c'), older);
  EXPECT_THAT(notes(), ElementsAre(HasSubstr("before the one that is there")));
  EXPECT_THAT(texts(TrustKind::crl), ElementsAre(newer));
}

TEST_F(NewerTest, ANewerListTakesThePlace) {
  const std::string older = list(now_ - 9 * kHour);
  const std::string newer = list(now_ - kHour);
  hold(TrustKind::crl, std::string(64, 'b'), older);
  receive(TrustKind::crl, std::string(64, 'c'), newer);
  EXPECT_THAT(notes(), IsEmpty());
  EXPECT_THAT(texts(TrustKind::crl), ElementsAre(newer));
}

TEST_F(NewerTest, AListOfTheFutureGivesWay) {
  const std::string ahead = list(now_ + 9000 * kHour);
  const std::string genuine = list(now_ - kHour);  // numbers grow: this is the later one
  hold(TrustKind::crl, std::string(64, 'b'), ahead);
  receive(TrustKind::crl, std::string(64, 'c'), genuine);
  EXPECT_THAT(notes(), IsEmpty());
  EXPECT_THAT(texts(TrustKind::crl), ElementsAre(genuine));
  hold(TrustKind::crl, std::string(64, 'b'), genuine);
  incoming_.trust.pop_back();
  receive(TrustKind::crl, std::string(64, 'c'), ahead);
  EXPECT_THAT(notes(), ElementsAre(HasSubstr("is dated in the future")));
  EXPECT_THAT(texts(TrustKind::crl), ElementsAre(genuine));
}

TEST_F(NewerTest, AListThatIsMissingStays) {
  const std::string own = list(now_ - 900 * kHour);  // ended, but it may revoke
  hold(TrustKind::crl, std::string(64, 'b'), own);
  EXPECT_THAT(notes(), IsEmpty());
  EXPECT_THAT(texts(TrustKind::crl), ElementsAre(own));
  incoming_.trust.clear();  // of a CA that is trusted no more
  EXPECT_THAT(notes(), IsEmpty());
  EXPECT_THAT(texts(TrustKind::crl), IsEmpty());
}

TEST_F(NewerTest, WhatNoLaunchTakesIsLeftOut) {
  receive(TrustKind::crl, std::string(64, 'c'), "rubbish");
  EXPECT_THAT(notes(), ElementsAre(HasSubstr("left out: not a certificate revocation list")));
  EXPECT_THAT(texts(TrustKind::crl), IsEmpty());
  incoming_.trust.emplace_back(TrustKind::root, TrustItem{std::string(64, 'd'), "rubbish"});
  EXPECT_FALSE(keep_newer_proofs(*store_, incoming_, now_));
}

TEST_F(NewerTest, AnAnswerThatRevokesStays) {
  const std::string good = answer(now_ - 10);
  ASSERT_TRUE(revoke_certificate(*store_, described_.serial, "keyCompromise", now_)->changed);
  const std::string revoked = answer(now_ - 3 * kHour);  // ended, and older
  hold(TrustKind::response, described_.digest, revoked);
  receive(TrustKind::response, described_.digest, good);
  EXPECT_THAT(notes(), IsEmpty());
  EXPECT_THAT(texts(TrustKind::response), ElementsAre(revoked));
}

TEST_F(NewerTest, AFresherAnswerTakesThePlace) {
  const std::string older = answer(now_ - 1000);
  const std::string newer = answer(now_ - 10);
  hold(TrustKind::response, described_.digest, older);
  receive(TrustKind::response, described_.digest, newer);
  EXPECT_THAT(notes(), IsEmpty());
  EXPECT_THAT(texts(TrustKind::response), ElementsAre(newer));
}

}  // namespace
}  // namespace sifguard
