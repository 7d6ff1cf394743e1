// What launches make of revocation lists and OCSP responses in the keystore: the real sifguard-pki
// judges, a CA and a responder of ours speak.
#include "helper/release/keyring.h"

#include <time.h>

#include "keystore/base/child.h"
#include "keystore/ca/responder.h"
#include "keystore/ocsp/answers.h"
#include "keystore/ocsp/responder_keys.h"
#include "keystore/store/trust_store.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/describe_certificate.h"
#include "keystore/x509/ocsp_request.h"
#include "tests/unit/ca/make_ca.h"
#include "tests/unit/store/store_fixture.h"
#include "tests/unit/verify/examined.h"

namespace sifguard {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr const char* kCarol = "x509:subject:CN=carol,O=Example";

class KeyringTest : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    root_ = test::make_ca(*store_, now_ - 100 * kHour, false, KeyAlgorithm::p384).root;
    carol_ = test::issue_signer(*store_, "carol", now_ - 100 * kHour).value().pem;
    described_ = describe_signer_certificate(carol_).value();
    SignerRecord record;
    record.id = "cert:" + described_.digest;
    record.label = described_.subject;
    record.algorithm = described_.algorithm;
    record.created = described_.not_before;
    record.expires = described_.not_after;
    record.names = {kCarol};
    ASSERT_TRUE(store_->add_signer(record, carol_));
    const TrustItem root{std::string(64, 'a'), root_};
    ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, root));
  }
  /// What the CA's responder says about carol at this time.
  std::string answer(std::int64_t at, bool known = true) {
    EXPECT_TRUE(renew_responders(*store_, at));
    OcspAnswers answers(load_responders(*store_, at).value(), kHour);
    EXPECT_TRUE(answers.use(known ? ca_index(*store_).value() : CaIndex()));
    const Certificate certificate = parse_one_certificate(carol_).value();
    const Certificate issuer = parse_one_certificate(root_).value();
    return answers
        .answer(ask_about(certificate.get(), issuer.get(), OcspIdHash::sha256)->request, at)
        .der;
  }
  void respond(const std::string& der) {
    ASSERT_TRUE(add_trust_item(*store_, TrustKind::response, {described_.digest, der}));
  }
  void list(std::int64_t at) {
    const std::string pem = make_crls(*store_, "root", 1, at)->front().pem;
    ASSERT_TRUE(add_trust_item(*store_, TrustKind::crl, {std::string(64, 'c'), pem}));
  }
  void revoke() {
    ASSERT_TRUE(revoke_certificate(*store_, described_.serial, "keyCompromise", now_)->changed);
  }
  /// Whether a launch would call the signature carol's.
  bool counts(std::string_view revocation) {
    const auto keyring = load_keyring(*store_, {kCarol}, "a binding");
    EXPECT_TRUE(keyring) << keyring.error().line();
    ImageFacts facts;
    SignatureFact signature;
    signature.form = SignatureForm::dsse;
    signature.status = SignatureStatus::good;
    signature.signer = "spki:" + described_.spki;
    facts.signatures = {signature};
    ExamineOptions options;
    options.libexec_dir = SIFGUARD_BIN;
    options.deadline_ms = monotonic_ms() + 60000;
    const auto standing = standing_of(*keyring, *store_, revocation, options);
    EXPECT_TRUE(standing) << standing.error().line();
    const CertifiedFacts found = test::certified(facts, std::string(), *standing);
    note_ = found->signatures.front().note;
    return !found->signatures.front().certified.empty();
  }

  std::int64_t now_ = ::time(nullptr);
  std::string root_, carol_, note_;
  SignerCertificate described_;
};

TEST_F(KeyringTest, WithoutAProofNothingCountsButWhereNoneIsAskedFor) {
  EXPECT_FALSE(counts("crl"));
  EXPECT_FALSE(counts("ocsp"));
  EXPECT_FALSE(counts("ocsp-then-crl"));
  EXPECT_FALSE(counts("anything else"));
  EXPECT_TRUE(counts("off"));
}

TEST_F(KeyringTest, GoodAndFreshCounts) {
  respond(answer(now_));
  EXPECT_TRUE(counts("ocsp")) << note_;
  EXPECT_TRUE(counts("ocsp-then-crl")) << note_;
  EXPECT_FALSE(counts("crl")) << "a list is asked for";
  list(now_);
  EXPECT_TRUE(counts("crl")) << note_;
}

TEST_F(KeyringTest, AListDoesWhereThereIsNoAnswer) {
  list(now_);
  EXPECT_TRUE(counts("ocsp-then-crl")) << note_;
  EXPECT_FALSE(counts("ocsp"));
  respond("garbage");
  EXPECT_TRUE(counts("ocsp-then-crl")) << note_;
  EXPECT_FALSE(counts("ocsp"));
}

TEST_F(KeyringTest, UnknownAndStaleAndOthersDoNotCount) {
  respond(answer(now_, false));
  EXPECT_FALSE(counts("ocsp"));
  EXPECT_NE(note_.find("unknown to the OCSP responder"), std::string::npos) << note_;
  respond(answer(now_ - 50 * kHour));
  EXPECT_FALSE(counts("ocsp"));
  EXPECT_NE(note_.find("ended at"), std::string::npos) << note_;
  std::string bent = answer(now_);
  bent[bent.size() / 3] = static_cast<char>(bent[bent.size() / 3] ^ 1);
  respond(bent);
  EXPECT_FALSE(counts("ocsp"));
  list(now_ - 99 * kHour);
  EXPECT_FALSE(counts("crl"));
}

TEST_F(KeyringTest, ARevocationCountsWhoeverTellsIt) {
  list(now_);
  revoke();
  EXPECT_TRUE(counts("crl")) << "nobody has told it yet";
  respond(answer(now_));
  for (const char* mode : {"crl", "ocsp", "ocsp-then-crl"}) {
    EXPECT_FALSE(counts(mode)) << mode;
    EXPECT_NE(note_.find("revoked"), std::string::npos) << note_;
  }
}

TEST_F(KeyringTest, OnlyResponsesAboutTheseCertificatesAreRead) {
  respond(answer(now_));
  // More than would fit into one question.
  for (int i = 0; i < 300; ++i) {
    std::string name = std::to_string(i);
    name.insert(0, 64 - name.size(), 'b');
    test::write_file(path() + "/trust/responses/" + name, "x");
  }
  EXPECT_EQ(trust_items(*store_, TrustKind::response)->size(), 301U);
  EXPECT_TRUE(counts("ocsp")) << note_;
}

}  // namespace
}  // namespace sifguard
