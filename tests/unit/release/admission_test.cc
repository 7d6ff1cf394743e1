// From examined facts to an admission: what each step refuses, and that none can be left out.
#include "helper/release/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "tests/unit/release/granting.h"

namespace sifguard {
namespace {

using test::certified;
using test::decision_of;
using test::facts_of;
using test::kImage;
using test::kOtherSigner;
using test::kSigner;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kMade = 1'700'000'000;  // as in facts_of()

// More of them, with what the compiler says: tests/nocompile.
static_assert(!std::is_default_constructible_v<ExaminedFacts>);
static_assert(!std::is_constructible_v<ExaminedFacts, ImageFacts>);
static_assert(!std::is_default_constructible_v<CertifiedFacts>);
static_assert(!std::is_constructible_v<CertifiedFacts, ExaminedFacts>);
static_assert(!std::is_default_constructible_v<Standing>);
static_assert(!std::is_default_constructible_v<Verdict>);
static_assert(!std::is_constructible_v<Verdict, CertifiedFacts, Support>);
static_assert(!std::is_default_constructible_v<Admission>);
static_assert(!std::is_constructible_v<Admission, Verdict>);
static_assert(!std::is_constructible_v<Admission, UnverifiedAdmission>);
static_assert(!std::is_default_constructible_v<UnverifiedAdmission>);

Demands demands(const std::string& signer = kSigner) {
  Demands all;
  all.binding = "tools";
  all.signers.resize(1);
  all.signers.front().any_of = {signer};
  return all;
}

Result<Admission> admitted(const ImageFacts& facts, const Demands& all) {
  return judge_and_admit(certified(facts, kImage), all, kNow);
}

void expect_refused(const Result<Admission>& outcome, Code code, const std::string& words) {
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), code);
  EXPECT_THAT(outcome.error().line(), HasSubstr(words));
}

ImageFacts encrypted() {
  ImageFacts facts = facts_of();
  facts.primary_fstype = 6;
  facts.message = CryptoMessageFact{100, 100};
  return facts;
}

TEST(Certify, ARevokedImageGoesNoFurtherWhoeverSignedIt) {
  const Standing standing({}, {{kImage, kMade, "has a hole"}}, {});
  const auto facts = certify(test::examined(facts_of()), kImage, standing);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code(), Code::denied);
  EXPECT_THAT(facts.error().line(), HasSubstr("has a hole"));
  EXPECT_TRUE(certify(test::examined(facts_of()), "sha256:" + std::string(64, 'e'), standing));
}

TEST(Certify, WithoutADigestNoRevokedImageCanBeToldApart) {
  const Standing standing({}, {{kImage, kMade, "has a hole"}}, {});
  const auto facts = certify(test::examined(facts_of()), {}, standing);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code(), Code::internal);
  EXPECT_TRUE(certify(test::examined(facts_of()), {}, Standing({}, {}, {})));
}

TEST(Certify, ASignerWhoIsRevokedOrRetiredCountsNoMore) {
  const auto with = [](SignerState state, std::int64_t at, const std::string& reason) {
    const Standing standing({{kSigner, state, at, reason}}, {}, {});
    return judge_and_admit(certified(facts_of(), kImage, standing), demands(), kNow);
  };
  expect_refused(with(SignerState::revoked, kMade - 1, "compromised"), Code::refused, "revoked");
  expect_refused(with(SignerState::revoked, kMade + 1, "compromised"), Code::refused, "revoked");
  expect_refused(with(SignerState::retired, kMade - 1, ""), Code::refused, "retired");
  EXPECT_TRUE(with(SignerState::retired, kMade + 1, ""));
}

TEST(Certify, AnothersLimitIsNotThisSigners) {
  const Standing standing({{kOtherSigner, SignerState::revoked, kMade - 1, "compromised"}}, {}, {});
  EXPECT_TRUE(judge_and_admit(certified(facts_of(), kImage, standing), demands(), kNow));
}

TEST(Certify, AKeysCertificateGivesItsNames) {
  ImageFacts facts = facts_of("spki:" + std::string(64, 'a'));
  facts.signatures.front().form = SignatureForm::dsse;
  CertificateVerdict certificate;
  certificate.status = CertificateStatus::good;
  certificate.spki = std::string(64, 'a');
  certificate.subject = "CN=carol";
  const std::string carol = "x509:subject:CN=carol";
  const auto with = [&](CertificateStatus status) {
    certificate.status = status;
    certificate.note = status == CertificateStatus::good ? "" : "is revoked";
    return judge_and_admit(certified(facts, kImage, Standing({}, {}, {certificate})),
                           demands(carol), kNow);
  };
  const auto good = with(CertificateStatus::good);
  ASSERT_TRUE(good) << good.error().line();
  EXPECT_THAT(good->signers(), Contains(carol));
  expect_refused(with(CertificateStatus::revoked), Code::config, "is revoked");
  // Nobody's word, nobody's name: names are not in the cache, either.
  expect_refused(admitted(facts, demands(carol)), Code::refused, carol);
}

TEST(Admit, ASignedImageAsItIsDemanded) {
  const auto admission = admitted(facts_of(), demands());
  ASSERT_TRUE(admission) << admission.error().line();
  EXPECT_THAT(admission->signers(), testing::ElementsAre(kSigner));
  EXPECT_EQ(admission->verdict().facts().digest(), kImage);
  EXPECT_EQ(admission->facts().image_size, facts_of().image_size);
}

TEST(Admit, NotWithoutTheVerdict) {
  expect_refused(admitted(facts_of(), demands(kOtherSigner)), Code::refused, kOtherSigner);
  Demands nobody = demands();
  nobody.signers.clear();
  expect_refused(admitted(facts_of(), nobody), Code::refused, "no binding says");
}

TEST(Admit, NotAnotherThanThePinnedOne) {
  Demands pinned = demands();
  pinned.pin = kImage;
  EXPECT_TRUE(admitted(facts_of(), pinned));
  pinned.pin = "sha256:" + std::string(64, 'e');
  expect_refused(admitted(facts_of(), pinned), Code::refused, "not the one that its binding pins");
  // Nor one whose digest nobody asked for.
  pinned.pin = kImage;
  EXPECT_FALSE(judge_and_admit(certified(facts_of()), pinned, kNow));
}

TEST(Admit, NotWithoutARootToRun) {
  ImageFacts facts = facts_of();
  facts.primary_partition_id = 0;
  expect_refused(admitted(facts, demands()), Code::refused, "no primary system partition");
}

ImageFacts oci_image() {
  ImageFacts facts = facts_of();
  facts.primary_partition_id = 0;
  facts.primary_fstype = 0;
  facts.primary = {};
  facts.oci = OciFact{{{4096, 4096}}, {}, {}, {}, ""};
  return facts;
}

TEST(Admit, AnOciImageWhereItsRootIsMountedAndNowhereElse) {
  Demands all = demands();
  expect_refused(admitted(oci_image(), all), Code::refused,
                 "an OCI-SIF, which runs under `release: mount` alone");
  expect_refused(admitted(oci_image(), all), Code::refused, "--release mount");
  all.mounted = true;
  EXPECT_TRUE(admitted(oci_image(), all));
  all.encrypted = true;
  expect_refused(admitted(oci_image(), all), Code::refused, "as binding 'tools' demands");
  ImageFacts unsigned_one = oci_image();
  unsigned_one.signatures.clear();
  expect_refused(admitted(unsigned_one, demands()), Code::refused,
                 "is not signed; and signed it would not run either: the image is an OCI-SIF");
  all.encrypted = false;
  const auto refused = admitted(unsigned_one, all);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().line(), testing::Not(HasSubstr("would not run")));
}

TEST(AdmitUnverified, NoOciImage) {
  EXPECT_FALSE(admit_unverified(certified(oci_image(), kImage), decision_of(Mode::warn, false)));
}

TEST(Admit, NotWithAPassphrase) {
  for (const std::int32_t fstype : {5, 6}) {
    ImageFacts facts = facts_of();
    facts.primary_fstype = fstype;
    for (const bool with_key : {false, true}) {
      Demands all = demands();
      all.encrypted = with_key;
      expect_refused(admitted(facts, all), Code::refused, "encrypted with a passphrase");
      expect_refused(admitted(facts, all), Code::refused, "--pem-path");
    }
  }
}

TEST(Admit, WhatSigningWouldNotMendIsSaidWithWhatItWould) {
  ImageFacts unsigned_one = facts_of();
  unsigned_one.signatures.clear();
  ImageFacts data = unsigned_one, locked = unsigned_one;
  data.primary_partition_id = 0;
  locked.primary_fstype = 5;
  expect_refused(admitted(data, demands()), Code::refused,
                 "the image is not signed; and signed it would not run either: the image has no "
                 "primary system partition to run; a data image has none");
  expect_refused(admitted(locked, demands()), Code::refused,
                 "the image is not signed; and signed it would not run either: the image is "
                 "encrypted with a passphrase, which no job can give; build it for a key");
  const auto plain = admitted(unsigned_one, demands());
  expect_refused(plain, Code::refused, "the image is not signed; sign it");
  EXPECT_THAT(plain.error().line(), testing::Not(HasSubstr("would not run")));
}

TEST(Admit, EncryptedWhereTheBindingHasAKeyAndNowhereElse) {
  Demands with_key = demands();
  with_key.encrypted = true;
  EXPECT_TRUE(admitted(encrypted(), with_key));
  expect_refused(admitted(facts_of(), with_key), Code::refused, "as binding 'tools' demands");
  expect_refused(admitted(encrypted(), demands()), Code::denied, "'tools' names no key");
}

TEST(AdmitUnverified, OnlyUnderWarnAndWithoutEncryption) {
  const CertifiedFacts plain = certified(facts_of(), kImage);
  EXPECT_TRUE(admit_unverified(plain, decision_of(Mode::warn, false)));
  EXPECT_FALSE(admit_unverified(plain, decision_of(Mode::enforce, false)));
  EXPECT_FALSE(admit_unverified(plain, decision_of(Mode::warn, true)));
  const auto refused =
      admit_unverified(certified(encrypted(), kImage), decision_of(Mode::warn, false));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::denied);
  ImageFacts passphrase = facts_of();
  passphrase.primary_fstype = 6;
  EXPECT_FALSE(admit_unverified(certified(passphrase, kImage), decision_of(Mode::warn, false)));
}

TEST(DemandsOf, ADecisionAndABindingSayTheSame) {
  const Demands decided = demands_of(decision_of(), Release::mount);
  ASSERT_EQ(decided.signers.size(), 1U);
  EXPECT_TRUE(decided.encrypted);
  EXPECT_EQ(decided.binding, "lolcow");
  EXPECT_FALSE(decided.pin);
  Binding binding;
  binding.name = "lolcow";
  binding.digest = kImage;
  binding.signers = decided.signers.front();
  EXPECT_TRUE(decided.mounted);
  const Demands bound = demands_of(binding, Release::pem);
  EXPECT_FALSE(bound.mounted);
  EXPECT_EQ(bound.signers.front().any_of, decided.signers.front().any_of);
  EXPECT_FALSE(bound.encrypted);
  EXPECT_EQ(bound.pin, kImage);
}

}  // namespace
}  // namespace sifguard
