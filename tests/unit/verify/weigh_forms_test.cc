// Requirements held against facts: legacy signatures, certified names, strangers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helper/verify/pki_run.h"
#include "helper/verify/weigh.h"

namespace sifguard {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kNow = 1'750'000'000;
const std::string kAlice(40, 'A');
const std::string kBob(40, 'B');
const std::string kSpki(64, 'a');
const std::string kKey = "spki:" + kSpki;
const std::string kCarol = "x509:subject:CN=carol,O=Example";
const std::string kMail = "x509:san:email:carol@example.org";

SignatureFact good(const std::string& signer, SignatureForm form,
                   std::vector<std::uint32_t> covered = {1, 2}) {
  SignatureFact fact;
  fact.object_id = 9;
  fact.group_id = 1;
  fact.form = form;
  fact.status = SignatureStatus::good;
  fact.signer = signer;
  fact.covered = std::move(covered);
  return fact;
}

ImageFacts image(std::vector<SignatureFact> signatures) {
  ImageFacts facts;
  facts.groups = {{1, {1, 2}}};
  facts.signatures = std::move(signatures);
  return facts;
}

SignerRequirement any(std::vector<std::string> signers) {
  SignerRequirement requirement;
  requirement.any_of = std::move(signers);
  return requirement;
}
SignerRequirement any_legacy(std::vector<std::string> signers) {
  SignerRequirement requirement = any(std::move(signers));
  requirement.legacy = true;
  return requirement;
}

std::string refusal(const ImageFacts& facts, const SignerRequirement& requirement) {
  const auto verdict = weigh(facts, std::vector{requirement}, kNow);
  return verdict ? "ACCEPTED" : verdict.error().what();
}

CertificateVerdict certificate(CertificateStatus status) {
  CertificateVerdict verdict;
  verdict.status = status;
  verdict.spki = kSpki;
  verdict.subject = "CN=carol,O=Example";
  verdict.names = {"email:carol@example.org"};
  verdict.valid_until = kNow + 100;
  if (status != CertificateStatus::good) verdict.note = "is revoked";
  return verdict;
}

ImageFacts certified(CertificateStatus status) {
  ImageFacts facts = image({good(kKey, SignatureForm::dsse)});
  add_certified_names(facts, std::vector{certificate(status)});
  return facts;
}

TEST(WeighLegacy, CountsOnlyWhereItIsAllowed) {
  const ImageFacts facts = image({good(kAlice, SignatureForm::legacy)});
  EXPECT_THAT(refusal(facts, any({kAlice})), HasSubstr("has the legacy form"));
  EXPECT_EQ(refusal(facts, any_legacy({kAlice})), "ACCEPTED");
  EXPECT_THAT(refusal(facts, any_legacy({kBob})), HasSubstr("is not a signer asked for"));
}

TEST(WeighLegacy, OneSignerCoversTheGroupObjectByObject) {
  const auto first = good(kAlice, SignatureForm::legacy, {1});
  const auto second = good(kAlice, SignatureForm::legacy, {2});
  EXPECT_EQ(refusal(image({first, second}), any_legacy({kAlice})), "ACCEPTED");
  EXPECT_THAT(refusal(image({first}), any_legacy({kAlice})), HasSubstr("not cover object 2"));
  EXPECT_THAT(
      refusal(image({first, good(kBob, SignatureForm::legacy, {2})}), any_legacy({kAlice, kBob})),
      HasSubstr("does not cover"));
}

TEST(WeighLegacy, PartialStatementsOfTheCurrentFormDoNotAddUp) {
  const auto first = good(kAlice, SignatureForm::legacy, {1});
  const auto second = good(kAlice, SignatureForm::openpgp, {2});
  EXPECT_NE(refusal(image({first, second}), any_legacy({kAlice})), "ACCEPTED");
}

TEST(WeighLegacy, TheEarliestEndCounts) {
  auto first = good(kAlice, SignatureForm::legacy, {1});
  first.valid_until = kNow + 5;
  auto second = good(kAlice, SignatureForm::legacy, {2});
  second.valid_until = kNow + 9;
  const auto verdict = weigh(image({first, second}), std::vector{any_legacy({kAlice})}, kNow);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->valid_until, kNow + 5);
}

TEST(WeighLegacy, EveryBindingMustAllowItForTheSignerToCountForAKey) {
  const ImageFacts facts =
      image({good(kAlice, SignatureForm::legacy), good(kBob, SignatureForm::openpgp)});
  const auto both = weigh(facts, std::vector{any_legacy({kAlice}), any({kBob})}, kNow);
  ASSERT_TRUE(both);
  EXPECT_THAT(both->signers, ElementsAre(kBob));
  const auto legacy = weigh(facts, std::vector{any_legacy({kAlice})}, kNow);
  ASSERT_TRUE(legacy);
  EXPECT_THAT(legacy->signers, ElementsAre(kAlice, kBob));
}

TEST(WeighLegacy, ASignerDemandedInThatFormTooKeepsTheSignersForTheKeysRule) {
  const ImageFacts facts = image({good(kAlice, SignatureForm::legacy)});
  SignerRequirement narrowed;  // as narrow() adds it for --sif-signer
  narrowed.all_of = {kAlice};
  narrowed.legacy = true;
  const auto verdict = weigh(facts, std::vector{any_legacy({kAlice, kBob}), narrowed}, kNow);
  ASSERT_TRUE(verdict) << verdict.error().line();
  EXPECT_THAT(verdict->signers, ElementsAre(kAlice));
  // It widens nothing: a binding that takes the current form alone still does.
  EXPECT_FALSE(weigh(facts, std::vector{any({kAlice, kBob}), narrowed}, kNow));
}

TEST(WeighCertificates, AGoodOneGivesTheKeyItsNames) {
  const ImageFacts facts = certified(CertificateStatus::good);
  EXPECT_EQ(refusal(facts, any({kCarol})), "ACCEPTED");
  EXPECT_EQ(refusal(facts, any({kMail})), "ACCEPTED");
  EXPECT_EQ(refusal(facts, any({kKey})), "ACCEPTED");
  EXPECT_NE(refusal(facts, any({"x509:subject:CN=carol"})), "ACCEPTED");
  EXPECT_NE(refusal(facts, any({"x509:subject:O=Example,CN=carol"})), "ACCEPTED");
  const auto verdict = weigh(facts, std::vector{any({kCarol})}, kNow);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->valid_until, kNow + 100);
  EXPECT_THAT(verdict->signers, Contains(kCarol));
}

TEST(WeighCertificates, AnyOtherGivesNoneAndSaysWhy) {
  for (int status = 2; status <= 9; ++status) {
    const ImageFacts facts = certified(static_cast<CertificateStatus>(status));
    EXPECT_THAT(refusal(facts, any({kCarol})),
                HasSubstr("its certificate 'CN=carol,O=Example' is revoked"));
    EXPECT_EQ(refusal(facts, any({kKey})), "ACCEPTED") << "the raw key is another matter";
  }
}

TEST(WeighCertificates, AnEndedNameIsNoName) {
  ImageFacts facts = certified(CertificateStatus::good);
  facts.signatures[0].certified[0].valid_until = kNow;
  EXPECT_NE(refusal(facts, any({kCarol})), "ACCEPTED");
  EXPECT_EQ(refusal(facts, any({kMail})), "ACCEPTED");
}

TEST(WeighCertificates, OfAnotherKeyOrForAnotherFormSayNothing) {
  ImageFacts other = image({good("spki:" + std::string(64, 'b'), SignatureForm::dsse)});
  add_certified_names(other, std::vector{certificate(CertificateStatus::good)});
  EXPECT_THAT(other.signatures[0].certified, IsEmpty());
  ImageFacts openpgp = image({good(kKey, SignatureForm::openpgp)});
  add_certified_names(openpgp, std::vector{certificate(CertificateStatus::good)});
  EXPECT_THAT(openpgp.signatures[0].certified, IsEmpty());
  ImageFacts bad = image({good(kKey, SignatureForm::dsse)});
  bad.signatures[0].status = SignatureStatus::bad;
  add_certified_names(bad, std::vector{certificate(CertificateStatus::good)});
  EXPECT_THAT(bad.signatures[0].certified, IsEmpty());
}

TEST(WeighRawKeys, ABadSignatureRefusesWhoeverElseSigned) {
  auto bad = good(kKey, SignatureForm::dsse);
  bad.status = SignatureStatus::bad;
  EXPECT_THAT(refusal(image({good(kAlice, SignatureForm::openpgp), bad}), any({kAlice, kKey})),
              HasSubstr("is bad"));
}

TEST(WeighRawKeys, DoNotSayWhenTheySigned) {
  auto requirement = any({kKey});
  requirement.signed_after = 1;
  EXPECT_THAT(refusal(image({good(kKey, SignatureForm::dsse)}), requirement),
              HasSubstr("does not say when it was made"));
}

TEST(WeighStrangers, AreRefusedWhereAllSignaturesMustBeGood) {
  auto requirement = any({kAlice});
  requirement.no_strangers = true;
  const auto alice = good(kAlice, SignatureForm::openpgp);
  EXPECT_EQ(refusal(image({alice}), requirement), "ACCEPTED");
  auto stranger = good(kBob, SignatureForm::openpgp);
  EXPECT_THAT(refusal(image({alice, stranger}), requirement), HasSubstr("signature object 9"));
  stranger.status = SignatureStatus::unknown_key;
  stranger.signer.clear();
  EXPECT_THAT(refusal(image({alice, stranger}), requirement), HasSubstr("signature object 9"));
  requirement.no_strangers = false;
  EXPECT_EQ(refusal(image({alice, stranger}), requirement), "ACCEPTED");
}

}  // namespace
}  // namespace sifguard
