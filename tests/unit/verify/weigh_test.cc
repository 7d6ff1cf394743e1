// Requirements held against facts: every rule, and the sentence that each refusal says.
#include "helper/verify/weigh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kAlice(40, 'A');
const std::string kBob(40, 'B');
const std::string kCarol(40, 'C');
constexpr std::int64_t kNow = 1'750'000'000;
constexpr std::int64_t kMade = 1'700'000'000;

SignatureFact signature(const std::string& signer, std::uint32_t group = 1,
                        std::vector<std::uint32_t> covered = {1, 2}) {
  SignatureFact fact;
  fact.object_id = 100 + group;
  fact.group_id = group;
  fact.status = SignatureStatus::good;
  fact.signer = signer;
  fact.hash = "sha256";
  fact.made = kMade;
  fact.covered = std::move(covered);
  return fact;
}

SignatureFact with_status(SignatureStatus status, const std::string& signer = kAlice) {
  SignatureFact fact = signature(signer);
  fact.status = status;
  return fact;
}

ImageFacts image(std::vector<SignatureFact> signatures) {
  ImageFacts facts;
  facts.groups = {{1, {1, 2}}};
  facts.primary_partition_id = 2;
  facts.primary_fstype = 1;
  facts.signatures = std::move(signatures);
  return facts;
}

SignerRequirement wanted(std::vector<std::string> any_of, std::vector<std::string> all_of,
                         std::optional<std::int64_t> after = {}) {
  SignerRequirement requirement;
  requirement.any_of = std::move(any_of);
  requirement.all_of = std::move(all_of);
  requirement.signed_after = after;
  return requirement;
}
SignerRequirement any(std::vector<std::string> signers) {
  return wanted(std::move(signers), {});
}
SignerRequirement all(std::vector<std::string> signers) {
  return wanted({}, std::move(signers));
}

Result<Support> weighed(const ImageFacts& facts, const std::vector<SignerRequirement>& all) {
  return weigh(facts, all, kNow);
}

std::string refusal(const ImageFacts& facts, const std::vector<SignerRequirement>& all) {
  const auto verdict = weighed(facts, all);
  if (verdict) return "ACCEPTED";
  EXPECT_EQ(verdict.error().code(), Code::refused);
  return verdict.error().what();
}

TEST(Weigh, AcceptsANamedSignerOverEverything) {
  const auto verdict = weighed(image({signature(kAlice)}), {any({kAlice})});
  ASSERT_TRUE(verdict) << verdict.error().line();
  EXPECT_THAT(verdict->signers, ElementsAre(kAlice));
  EXPECT_EQ(verdict->valid_until, 0);
}

TEST(Weigh, AnyNeedsOneAndAllNeedsEach) {
  const ImageFacts alice = image({signature(kAlice)});
  const ImageFacts both = image({signature(kAlice), signature(kBob)});
  EXPECT_TRUE(weighed(alice, {any({kBob, kAlice})}));
  EXPECT_TRUE(weighed(both, {all({kAlice, kBob})}));
  EXPECT_TRUE(weighed(both, {wanted({kAlice, kCarol}, {kBob})}));
  EXPECT_THAT(refusal(alice, {all({kAlice, kBob})}), HasSubstr("is not signed by " + kBob));
  EXPECT_THAT(refusal(both, {wanted({kCarol}, {kBob})}), HasSubstr("is not signed by " + kCarol));
}

TEST(Weigh, EveryRequirementMustHold) {
  const ImageFacts alice = image({signature(kAlice)});
  EXPECT_THAT(refusal(alice, {any({kAlice}), any({kBob})}), HasSubstr(kBob));
  EXPECT_TRUE(weighed(image({signature(kAlice), signature(kBob)}), {any({kAlice}), any({kBob})}));
}

TEST(Weigh, RefusesWithoutRequirementsOrWithoutNames) {
  EXPECT_THAT(refusal(image({signature(kAlice)}), {}), HasSubstr("no binding says"));
  EXPECT_THAT(refusal(image({signature(kAlice)}), {SignerRequirement{}}),
              HasSubstr("names no signer"));
  EXPECT_THAT(refusal(image({signature(kAlice)}), {any({kAlice}), SignerRequirement{}}),
              HasSubstr("names no signer"));
}

TEST(Weigh, RefusesTheUnsigned) {
  EXPECT_EQ(refusal(image({}), {any({kAlice})}), "the image is not signed");
  EXPECT_EQ(refusal(ImageFacts(), {any({kAlice})}), "the image is not signed");
}

/// Of an image that a raw key signed whose certificate, the one asked for, has this status.
Error certificate_refusal(CertificateStatus status) {
  SignatureFact fact = signature("spki:" + std::string(64, 'a'));
  fact.form = SignatureForm::dsse;
  fact.note = "its certificate 'CN=carol' is not good";
  fact.uncertified = status;
  auto other = signature(kBob);
  const auto verdict = weighed(image({fact, other}), {any({"x509:subject:CN=carol"})});
  return verdict ? Error(Code::usage, "ACCEPTED") : verdict.error();
}

TEST(Weigh, WhatTheSiteHasToRenewIsNoFaultOfTheImage) {
  const std::vector<std::pair<CertificateStatus, const char*>> all = {
      {CertificateStatus::expired, "get the certificate that follows"},
      {CertificateStatus::not_yet_valid, "clock"},
      {CertificateStatus::revoked, "the signer's new certificate"},
      {CertificateStatus::revocation_unknown, "sifctl trust fetch, or sifctl trust add-crl"}};
  for (const auto& [status, remedy] : all) {
    const Error error = certificate_refusal(status);
    EXPECT_EQ(error.code(), Code::config) << error.line();
    EXPECT_THAT(error.what(), HasSubstr("its certificate 'CN=carol' is not good"));
    EXPECT_THAT(error.remedy(), HasSubstr(remedy));
  }
}

TEST(Weigh, ACertificateThatNeverCouldSignIsTheImagesFault) {
  for (const auto status : {CertificateStatus::untrusted, CertificateStatus::wrong_usage,
                            CertificateStatus::weak, CertificateStatus::malformed}) {
    const Error error = certificate_refusal(status);
    EXPECT_EQ(error.code(), Code::refused) << error.line();
    EXPECT_THAT(error.remedy(), Not(HasSubstr("sign the whole image")));
  }
}

TEST(Weigh, TheRemedyFollowsTheCause) {
  const std::vector<std::pair<SignatureStatus, const char*>> all = {
      {SignatureStatus::bad, "get the image again"},
      {SignatureStatus::expired, "sifctl signer add"},
      {SignatureStatus::revoked, "a key that is not revoked"},
      {SignatureStatus::weak, "SHA-256 or better"}};
  for (const auto& [status, remedy] : all) {
    const auto verdict = weighed(image({with_status(status)}), {any({kAlice})});
    ASSERT_FALSE(verdict);
    EXPECT_THAT(verdict.error().remedy(), HasSubstr(remedy));
  }
  EXPECT_THAT(weighed(image({signature(kBob)}), {any({kAlice})}).error().remedy(),
              HasSubstr("have one of the signers"));
}

TEST(Weigh, RefusesObjectsInNoGroup) {
  ImageFacts facts = image({signature(kAlice)});
  facts.ungrouped = {9};
  EXPECT_THAT(refusal(facts, {any({kAlice})}), HasSubstr("object 9 of the image is in no group"));
}

TEST(Weigh, WhatCannotBeRunCanBeVerified) {
  ImageFacts facts = image({signature(kAlice)});
  facts.primary_partition_id = 0;
  EXPECT_TRUE(weighed(facts, {any({kAlice})}));
  for (const std::int32_t fstype : {5, 6}) {
    facts = image({signature(kAlice)});
    facts.primary_fstype = fstype;
    EXPECT_TRUE(weighed(facts, {any({kAlice})}));
  }
}

TEST(Weigh, RefusesAnImageWithoutObjects) {
  ImageFacts facts = image({signature(kAlice)});
  facts.groups.clear();
  EXPECT_THAT(refusal(facts, {any({kAlice})}), HasSubstr("no objects"));
}

TEST(Weigh, RefusesAnUncoveredObject) {
  const ImageFacts facts = image({signature(kAlice, 1, {1})});
  EXPECT_THAT(refusal(facts, {any({kAlice})}),
              HasSubstr("the signature of " + kAlice + " does not cover object 2"));
}

TEST(Weigh, DoesNotAddUpPartialSignatures) {
  const ImageFacts facts = image({signature(kAlice, 1, {1}), signature(kAlice, 1, {2})});
  EXPECT_NE(refusal(facts, {any({kAlice})}), "ACCEPTED");
}

TEST(Weigh, RefusesAnUnsignedSecondGroup) {
  ImageFacts facts = image({signature(kAlice)});
  facts.groups.push_back({2, {5}});
  EXPECT_EQ(refusal(facts, {any({kAlice})}), "group 2 of the image is not signed");
  facts.signatures.push_back(signature(kAlice, 2, {5}));
  EXPECT_TRUE(weighed(facts, {any({kAlice})}));
}

TEST(Weigh, ASignatureSpeaksForItsOwnGroupOnly) {
  ImageFacts facts = image({signature(kAlice)});
  facts.groups.push_back({2, {5}});
  facts.signatures.push_back(signature(kAlice, 1, {1, 2, 5}));
  EXPECT_EQ(refusal(facts, {any({kAlice})}), "group 2 of the image is not signed");
  facts.groups.pop_back();
  facts.signatures = {signature(kAlice, 0)};
  EXPECT_NE(refusal(facts, {any({kAlice})}), "ACCEPTED");
}

TEST(Weigh, WantsOneSignerForAllGroups) {
  ImageFacts facts = image({signature(kAlice), signature(kBob, 2, {5})});
  facts.groups.push_back({2, {5}});
  EXPECT_THAT(refusal(facts, {any({kAlice, kBob})}), HasSubstr("no single one of the signers"));
}

TEST(Weigh, NamesASignerThatTheBindingDoesNot) {
  EXPECT_THAT(refusal(image({signature(kBob)}), {any({kAlice})}),
              HasSubstr("it is signed by " + kBob + ", which is not a signer asked for"));
}

TEST(Weigh, NeverTakesAStatusOtherThanGood) {
  for (int status = 2; status <= 8; ++status) {
    EXPECT_NE(refusal(image({with_status(static_cast<SignatureStatus>(status))}), {any({kAlice})}),
              "ACCEPTED")
        << status;
  }
}

TEST(Weigh, SaysWhyASignatureDoesNotCount) {
  const auto reason = [](const SignatureFact& fact) {
    return refusal(image({fact}), {any({kAlice})});
  };
  EXPECT_THAT(reason(with_status(SignatureStatus::expired)), HasSubstr("has expired"));
  EXPECT_THAT(reason(with_status(SignatureStatus::revoked)), HasSubstr("revoked"));
  SignatureFact retired = with_status(SignatureStatus::revoked);
  retired.note = "it was made after its signer retired";
  EXPECT_THAT(reason(retired), HasSubstr("does not count: it was made after its signer retired"));
  SignatureFact expired = with_status(SignatureStatus::expired);
  expired.note = "its subkey X expired on Y";
  EXPECT_THAT(reason(expired), HasSubstr("has expired: its subkey X expired on Y"));
  EXPECT_THAT(reason(with_status(SignatureStatus::weak)), HasSubstr("is weak"));
  EXPECT_THAT(reason(with_status(SignatureStatus::unknown_key, "")), HasSubstr("made by a key"));
  SignatureFact legacy = with_status(SignatureStatus::unsupported, "");
  legacy.form = SignatureForm::legacy;
  EXPECT_THAT(reason(legacy), HasSubstr("unsupported form legacy"));
  legacy.group_id = 0;  // linked to an object
  EXPECT_THAT(reason(legacy), HasSubstr("unsupported form legacy"));
  SignatureFact malformed = with_status(SignatureStatus::malformed, "");
  malformed.note = "the key 'x' is repeated";
  EXPECT_THAT(reason(malformed), HasSubstr("object 101 is malformed: the key 'x' is repeated"));
}

TEST(Weigh, ABadSignatureByANamedSignerAlwaysRefuses) {
  const SignatureFact bad = with_status(SignatureStatus::bad);
  EXPECT_EQ(refusal(image({bad}), {any({kAlice})}),
            "the signature of " + kAlice + " is bad: the image was changed after signing");
  EXPECT_THAT(refusal(image({signature(kAlice), bad}), {any({kAlice})}), HasSubstr("is bad"));
  EXPECT_THAT(refusal(image({signature(kBob), bad}), {any({kAlice, kBob})}), HasSubstr("is bad"));
  EXPECT_THAT(refusal(image({signature(kBob), bad}), {all({kBob}), any({kAlice, kBob})}),
              HasSubstr("is bad"));
}

TEST(Weigh, ABadSignatureWithoutASignerRefusesToo) {
  EXPECT_THAT(
      refusal(image({signature(kAlice), with_status(SignatureStatus::bad, "")}), {any({kAlice})}),
      HasSubstr("the signature in object 101 is bad"));
}

TEST(Weigh, ABadSignatureByAStrangerDoesNotRefuse) {
  EXPECT_TRUE(weighed(image({signature(kAlice), with_status(SignatureStatus::bad, kCarol)}),
                      {any({kAlice})}));
}

TEST(Weigh, OtherSignaturesDoNotRefuse) {
  for (const auto status : {SignatureStatus::unknown_key, SignatureStatus::malformed,
                            SignatureStatus::unsupported, SignatureStatus::expired}) {
    const auto verdict =
        weighed(image({with_status(status, kBob), signature(kAlice)}), {any({kAlice})});
    ASSERT_TRUE(verdict);
    EXPECT_THAT(verdict->signers, ElementsAre(kAlice));
  }
}

TEST(Weigh, GoodWithoutASignerCountsForNobody) {
  EXPECT_NE(refusal(image({signature("")}), {any({kAlice})}), "ACCEPTED");
  EXPECT_NE(refusal(image({signature("")}), {any({""})}), "ACCEPTED");
}

TEST(Weigh, ShortIdsAndOtherCasesNameNobody) {
  const ImageFacts facts = image({signature(kAlice)});
  EXPECT_NE(refusal(facts, {any({kAlice.substr(24)})}), "ACCEPTED");
  EXPECT_NE(refusal(facts, {any({std::string(40, 'a')})}), "ACCEPTED");
}

TEST(Weigh, SignedAfterRefusesOlderSignatures) {
  SignerRequirement wanted = any({kAlice});
  wanted.signed_after = kMade;
  EXPECT_TRUE(weighed(image({signature(kAlice)}), {wanted}));
  wanted.signed_after = kMade + 1;
  EXPECT_THAT(refusal(image({signature(kAlice)}), {wanted}),
              HasSubstr("made on 2023-11-14T22:13:20Z, but signatures before"));
  SignatureFact newer = signature(kAlice);
  newer.made = kMade + 1;
  EXPECT_TRUE(weighed(image({signature(kAlice), newer}), {wanted}));
}

TEST(Weigh, TheFutureBeginsFiveMinutesAhead) {
  SignatureFact fact = signature(kAlice);
  fact.made = kNow + 300;
  EXPECT_TRUE(weighed(image({fact}), {any({kAlice})}));
  fact.made = kNow + 301;
  EXPECT_EQ(refusal(image({fact}), {any({kAlice})}),
            "group 1 of the image is not accepted: the signature of " + kAlice +
                " is dated in the future (2025-06-15T15:11:41Z)");
  EXPECT_EQ(weighed(image({fact}), {any({kAlice})}).error().remedy(),
            "check the clocks of this host and of the one that signed");
  // It is no way past `signed_after`, in whichever form, and another signature still counts.
  SignerRequirement after = any({kAlice});
  after.signed_after = kMade;
  EXPECT_THAT(refusal(image({fact}), {after}), HasSubstr("dated in the future"));
  fact.form = SignatureForm::legacy;
  after.legacy = true;
  EXPECT_THAT(refusal(image({fact}), {after}), HasSubstr("dated in the future"));
  EXPECT_TRUE(weighed(image({fact, signature(kAlice)}), {after}));
}

TEST(Weigh, ValidUntilEndsASignature) {
  SignatureFact fact = signature(kAlice);
  fact.valid_until = kNow;
  EXPECT_THAT(refusal(image({fact}), {any({kAlice})}), HasSubstr("expired on 2025-06-15"));
  fact.valid_until = kNow + 1;
  const auto verdict = weighed(image({fact}), {any({kAlice})});
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->valid_until, kNow + 1);
}

TEST(Weigh, ValidUntilIsThatOfTheWeakestNeededLink) {
  SignatureFact alice = signature(kAlice);
  alice.valid_until = kNow + 100;
  SignatureFact bob = signature(kBob);
  bob.valid_until = kNow + 50;
  const ImageFacts facts = image({alice, bob});
  EXPECT_EQ(weighed(facts, {any({kAlice, kBob})})->valid_until, kNow + 100);
  EXPECT_EQ(weighed(facts, {all({kAlice, kBob})})->valid_until, kNow + 50);
  EXPECT_EQ(weighed(facts, {any({kAlice}), any({kBob})})->valid_until, kNow + 50);
  SignatureFact again = signature(kBob);  // unbounded
  EXPECT_EQ(weighed(image({bob, again}), {any({kBob})})->valid_until, 0);
}

TEST(Weigh, ListsEverySignerOverEverythingOnce) {
  ImageFacts facts =
      image({signature(kBob), signature(kAlice), signature(kBob), signature(kCarol, 1, {1})});
  const auto verdict = weighed(facts, {any({kAlice})});
  ASSERT_TRUE(verdict);
  EXPECT_THAT(verdict->signers, ElementsAre(kAlice, kBob));
}

}  // namespace
}  // namespace sifguard
