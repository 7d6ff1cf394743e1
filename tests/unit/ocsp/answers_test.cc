#include "keystore/ocsp/answers.h"

#include <time.h>

#include "keystore/ca/responder.h"
#include "keystore/ocsp/responder_keys.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/ocsp_check.h"
#include "keystore/x509/ocsp_request.h"
#include "tests/unit/ca/make_ca.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using State = RevocationFinding::State;

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;

class Answers : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    const CaCertificates made = test::make_ca(*store_, now_, true);
    root_ = parse_one_certificate(made.root).value();
    issuing_ = parse_one_certificate(made.intermediate).value();
    carol_ = issue("carol");
    fresh();
  }
  Certificate issue(const std::string& name) {
    return parse_one_certificate(test::issue_signer(*store_, name, now_)->pem).value();
  }
  void fresh() {
    ASSERT_TRUE(renew_responders(*store_, now_));
    answers_.emplace(load_responders(*store_, now_).value(), 4 * kHour);
    ASSERT_TRUE(answers_->use(ca_index(*store_).value()));
  }
  [[nodiscard]] std::string ask(const X509* certificate, const X509* issuer,
                                OcspIdHash hash = OcspIdHash::sha1) const {
    return ask_about(certificate, issuer, hash)->request;
  }
  /// What a launch makes of the reply.
  [[nodiscard]] State judged(const OcspReply& reply, X509* certificate, X509* issuer) const {
    return OcspSet::parse({reply.der}).find(certificate, issuer, {}, now_ + 1).state;
  }
  static bool is_error(const OcspReply& reply, char status) {
    return reply.der == std::string("\x30\x03\x0a\x01", 4) + status && reply.good_until == 0;
  }

  std::int64_t now_ = ::time(nullptr);
  Certificate root_, issuing_, carol_;
  std::optional<OcspAnswers> answers_;
};

TEST_F(Answers, GoodForWhatWasIssuedByTheAuthorityAsked) {
  for (const OcspIdHash hash : {OcspIdHash::sha1, OcspIdHash::sha256}) {
    const auto reply = answers_->answer(ask(carol_.get(), issuing_.get(), hash), now_);
    EXPECT_EQ(judged(reply, carol_.get(), issuing_.get()), State::good);
    EXPECT_EQ(reply.good_until, now_ + 4 * kHour);
  }
  const auto above = answers_->answer(ask(issuing_.get(), root_.get()), now_);
  EXPECT_EQ(judged(above, issuing_.get(), root_.get()), State::good);
  // An issuer's name with another issuer's key is nobody here.
  EXPECT_TRUE(is_error(answers_->answer(ask(carol_.get(), root_.get()), now_), '\6'));
}

TEST_F(Answers, ARevocationReplacesWhatWasSigned) {
  const std::string request = ask(carol_.get(), issuing_.get());
  const auto first = answers_->answer(request, now_);
  EXPECT_EQ(answers_->answer(request, now_ + 60).der, first.der) << "signed once";
  ASSERT_TRUE(
      revoke_certificate(*store_, serial_of(carol_.get()).value(), "keyCompromise", now_)->changed);
  answers_->use(ca_index(*store_).value());
  const auto second = answers_->answer(request, now_ + 60);
  EXPECT_NE(second.der, first.der);
  EXPECT_EQ(OcspSet::parse({second.der}).find(carol_.get(), issuing_.get(), {}, now_ + 61).state,
            State::revoked);
}

TEST_F(Answers, NothingOfACompromisedCaIsGood) {
  const std::string of_carol = ask(carol_.get(), issuing_.get());
  const std::string serial = serial_of(issuing_.get()).value();
  const auto judge_carol = [&] {
    EXPECT_TRUE(answers_->use(ca_index(*store_).value()));
    return judged(answers_->answer(of_carol, now_), carol_.get(), issuing_.get());
  };
  ASSERT_TRUE(revoke_certificate(*store_, serial, "superseded", now_));
  EXPECT_EQ(judge_carol(), State::good) << "the key goes on under another certificate";
  ASSERT_TRUE(revoke_certificate(*store_, serial, "cACompromise", now_));
  EXPECT_EQ(judge_carol(), State::revoked);
  const auto above = answers_->answer(ask(issuing_.get(), root_.get()), now_);
  EXPECT_EQ(judged(above, issuing_.get(), root_.get()), State::revoked);
}

TEST_F(Answers, NoRevocationIsOfTheFuture) {
  // Its clock was ahead: by that of who asks, the certificate is revoked since now at the latest.
  ASSERT_TRUE(revoke_certificate(*store_, serial_of(carol_.get()).value(), "superseded",
                                 now_ + 5000 * kDay));
  ASSERT_TRUE(answers_->use(ca_index(*store_).value()));
  const auto reply = answers_->answer(ask(carol_.get(), issuing_.get()), now_);
  EXPECT_EQ(judged(reply, carol_.get(), issuing_.get()), State::revoked);
  const std::string year = std::to_string(1970 + (now_ + 5000 * kDay) / (365 * kDay + kDay / 4));
  EXPECT_EQ(reply.der.find("\x18\x0f" + year), std::string::npos) << "a GeneralizedTime";
}

TEST_F(Answers, WhatIsUnknownIsAskedAgainSoon) {
  const std::string request = ask(carol_.get(), issuing_.get());
  ASSERT_TRUE(answers_->use(CaIndex()));  // of another host, or older than the certificate
  const auto unknown = answers_->answer(request, now_);
  EXPECT_EQ(judged(unknown, carol_.get(), issuing_.get()), State::unknown);
  EXPECT_EQ(unknown.good_until, now_ + 300);
  EXPECT_EQ(unknown.made, now_);
  ASSERT_TRUE(answers_->use(ca_index(*store_).value()));
  const auto known = answers_->answer(request, now_ + 1);
  EXPECT_EQ(judged(known, carol_.get(), issuing_.get()), State::good);
  EXPECT_EQ(known.good_until, now_ + 1 + 4 * kHour);
}

TEST_F(Answers, WhatIsKeptIsSignedAgainAtHalfOfItsTime) {
  const std::string request = ask(carol_.get(), issuing_.get());
  const auto first = answers_->answer(request, now_);
  EXPECT_EQ(answers_->answer(request, now_ + 2 * kHour - 1).der, first.der);
  const auto second = answers_->answer(request, now_ + 2 * kHour);
  EXPECT_NE(second.der, first.der);
  EXPECT_EQ(second.good_until, now_ + 6 * kHour);
}

TEST_F(Answers, NoAnswerOutlastsItsResponder) {
  const std::string request = ask(carol_.get(), issuing_.get());
  const std::int64_t end = now_ + 30 * kDay;
  EXPECT_EQ(answers_->answer(request, end - kHour).good_until, end);
  EXPECT_TRUE(is_error(answers_->answer(request, end), '\3')) << "tryLater";
}

TEST_F(Answers, RespondersAreReplacedAtHalfOfTheirTime) {
  const auto serials = [&](std::int64_t at) {
    std::vector<std::string> all;
    EXPECT_TRUE(renew_responders(*store_, at));
    const auto responders = load_responders(*store_, at);
    if (!responders) {
      ADD_FAILURE() << responders.error().line();
      return all;
    }
    for (const OcspAuthority& one : *responders) {
      all.push_back(spki_digest(one.responder.key.pkey()).value());
    }
    return all;
  };
  const auto first = serials(now_);
  EXPECT_EQ(serials(now_ + 14 * kDay), first);
  EXPECT_NE(serials(now_ + 16 * kDay), first);
}

TEST_F(Answers, ANonceComesBackAndIsSignedForItselfAlone) {
  const std::string plain = ask(carol_.get(), issuing_.get());
  const auto* at = reinterpret_cast<const unsigned char*>(plain.data());
  const OcspRequestHandle request(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(plain.size())));
  std::string nonce = "0123456789abcdef";
  OCSP_request_add1_nonce(request.get(), reinterpret_cast<unsigned char*>(nonce.data()),
                          static_cast<int>(nonce.size()));
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_REQUEST(request.get(), &der);
  const std::string with(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  const auto reply = answers_->answer(with, now_);
  EXPECT_NE(reply.der.find(nonce), std::string::npos);
  EXPECT_EQ(reply.good_until, 0) << "nobody keeps it";
  EXPECT_EQ(judged(reply, carol_.get(), issuing_.get()), State::good);
  EXPECT_EQ(answers_->answer(plain, now_).der.find(nonce), std::string::npos);
}

TEST_F(Answers, OthersAndNonsenseGetUnsignedErrors) {
  EXPECT_TRUE(is_error(answers_->answer("", now_), '\1'));
  EXPECT_TRUE(is_error(answers_->answer("garbage", now_), '\1'));
  EXPECT_TRUE(is_error(answers_->answer(ask(carol_.get(), carol_.get()), now_), '\6'));
  OcspAnswers empty(load_responders(*store_, now_).value(), kHour);
  EXPECT_TRUE(is_error(empty.answer(ask(carol_.get(), issuing_.get()), now_), '\3'));
}

TEST_F(Answers, LoadingIssuesNothing) {
  const std::size_t issued = ca_index(*store_)->issued.size();
  ASSERT_TRUE(load_responders(*store_, now_ + 20 * kDay)) << "it is due, and works";
  expect_error(load_responders(*store_, now_ + 31 * kDay), Code::config, "sifctl ca ocsp serve");
  EXPECT_EQ(ca_index(*store_)->issued.size(), issued);
}

TEST_F(Answers, AResponderThatWasRevokedAnswersNobody) {
  const std::string request = ask(carol_.get(), issuing_.get());
  CaIndex index = ca_index(*store_).value();
  IssuedCertificate* own = nullptr;
  for (IssuedCertificate& one : index.issued) {
    if (one.profile == Profile::ocsp && one.issuer == kRootAuthority) own = &one;
  }
  ASSERT_NE(own, nullptr);
  own->revoked_at = now_;
  own->reason = "superseded";
  const Status used = answers_->use(index);
  expect_error(used, Code::temporary, own->serial + " of the responder of the root CA was revoked");
  EXPECT_TRUE(is_error(answers_->answer(request, now_), OCSP_RESPONSE_STATUS_TRYLATER));
}

}  // namespace
}  // namespace sifguard
