// Certificates of signers: chains, validity, usage, strength, and what a verdict tells.
#include "keystore/x509/certificate_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/x509/certificate_fixture.h"

namespace sifguard {
namespace {

using test::Given;
using test::kDay;
using test::outcome;
using test::verdict_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(CertificateCheck, ASignersCertificateIsGood) {
  const JudgedCertificate judged = test::judge_pem(test::pem("carol"), {});
  const CertificateVerdict& verdict = judged.verdict;
  EXPECT_EQ(verdict.status, CertificateStatus::good) << verdict.note;
  EXPECT_EQ(verdict.subject, "CN=carol,O=Test");
  EXPECT_THAT(verdict.names, ElementsAre("email:carol@example.org", "dns:build.example.org",
                                         "uri:https://example.org/carol"));
  EXPECT_EQ(verdict.serial, "1001");
  EXPECT_EQ(verdict.spki, test::openssl("pkey -in signer.key -pubout -outform DER | openssl dgst "
                                        "-sha256 -r")
                              .substr(0, 64));
  EXPECT_EQ(judged.public_key, test::openssl("pkey -in signer.key -pubout -outform DER"));
  EXPECT_NEAR(static_cast<double>(verdict.valid_until - test::made_at()), 3650.0 * kDay, 600);
}

TEST(CertificateCheck, TheVectorChainIsGood) {
  const std::string leaf = test::vector_certificate("leaf");
  if (leaf.empty()) GTEST_SKIP() << "TEST VECTORS ABSENT: " << SIFGUARD_VECTORS;
  auto anchors = TrustAnchors::parse({test::vector_certificate("root")},
                                     {test::vector_certificate("intermediate")});
  ASSERT_TRUE(anchors) << anchors.error().line();
  CertificateRules rules = {*std::move(anchors), {}, {}, Revocation::off, 1'750'000'000};
  auto judged = check_certificate(leaf, rules);
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.status, CertificateStatus::good) << judged->verdict.note;
  EXPECT_EQ(judged->verdict.subject, "CN=leaf,O=Sylabs Inc.,C=US");
  EXPECT_EQ(judged->verdict.valid_until, 1'901'232'000);  // 2030-04-01
  rules.now = 1'901'232'001;
  EXPECT_EQ(check_certificate(leaf, rules)->verdict.status, CertificateStatus::expired);
  rules.now = 1'750'000'000;
  rules.revocation = Revocation::ocsp;
  EXPECT_EQ(check_certificate(leaf, rules)->verdict.status, CertificateStatus::revocation_unknown);
}

TEST(CertificateCheck, ChainsEndInAGivenRootAlone) {
  EXPECT_EQ(outcome("carol"), "good");
  EXPECT_EQ(outcome("carol", {.roots = {"rogue", "root"}}), "good");
  EXPECT_THAT(outcome("carol", {.roots = {}}), StartsWith("untrusted: has no chain"));
  EXPECT_THAT(outcome("carol", {.roots = {"rogue"}}), StartsWith("untrusted"));
  EXPECT_THAT(outcome("carol", {.intermediates = {}}), StartsWith("untrusted"));
  EXPECT_THAT(outcome("carol", {.intermediates = {"rogueinter"}}), StartsWith("untrusted"));
  // A self-made CA of the same names, and its root offered as an intermediate.
  EXPECT_THAT(outcome("impostor", {.intermediates = {"rogueinter", "rogue", "inter"}}),
              StartsWith("untrusted"));
  EXPECT_EQ(outcome("impostor", {.roots = {"rogue"}, .intermediates = {"rogueinter"}}), "good");
}

TEST(CertificateCheck, ConstraintsOfTheChainHold) {
  EXPECT_THAT(outcome("toodeep", {.intermediates = {"inter", "below"}}),
              HasSubstr("untrusted: has no chain to a trusted root: path length"));
  EXPECT_THAT(outcome("byleaf", {.intermediates = {"inter", "carol"}}), StartsWith("untrusted"));
  EXPECT_THAT(outcome("undernosign", {.intermediates = {"nosign"}}), StartsWith("untrusted"));
  EXPECT_EQ(outcome("inside", {.intermediates = {"named"}}), "good");
  EXPECT_THAT(outcome("outside", {.intermediates = {"named"}}),
              HasSubstr("permitted subtree violation"));
  EXPECT_THAT(outcome("critical"), HasSubstr("unhandled critical extension"));
}

TEST(CertificateCheck, ValidityIsJudgedAtTheTimeGiven) {
  EXPECT_EQ(outcome("carol", {.later = 3649 * kDay}), "good");
  EXPECT_THAT(outcome("carol", {.later = 3651 * kDay}), StartsWith("expired"));
  EXPECT_THAT(outcome("carol", {.later = -kDay}), StartsWith("not_yet_valid"));
  const Given short_lived = {.intermediates = {"short"}};
  EXPECT_EQ(outcome("underexpired", short_lived), "good");
  EXPECT_LT(verdict_of("underexpired", short_lived).valid_until, test::made_at() + 3 * kDay);
  EXPECT_THAT(outcome("underexpired", {.intermediates = {"short"}, .later = 3 * kDay}),
              StartsWith("expired: has no chain to a trusted root: certificate has expired "
                         "(CN=Short,O=Test)"));
}

TEST(CertificateCheck, OnlyCodeSigningCounts) {
  EXPECT_EQ(outcome("noeku"), "wrong_usage: is not for code signing");
  EXPECT_EQ(outcome("server"), "wrong_usage: is not for code signing");
  EXPECT_EQ(outcome("anyeku"), "wrong_usage: is not for code signing");
  EXPECT_EQ(outcome("badku"), "wrong_usage: is not for digital signatures");
  EXPECT_EQ(outcome("noku"), "good");
  EXPECT_EQ(outcome("isca"), "wrong_usage: is a CA's, not a signer's");
  EXPECT_EQ(outcome("isca2"), "wrong_usage: is a CA's, not a signer's");
  EXPECT_THAT(outcome("inter"), StartsWith("wrong_usage: is a CA's"));
  EXPECT_THAT(outcome("underserver", {.intermediates = {"serverca"}}),
              StartsWith("wrong_usage: is issued by a CA that is not for code signing: CN=Server"));
}

TEST(CertificateCheck, NamesInTheReasonAreEscapedOnce) {
  const std::string ca = test::openssl(
      "req -x509 -new -key root.key -utf8 -subj '/CN=K\xc3\xb6ln' -addext keyUsage=keyCertSign "
      "-days 9 | tee koeln.pem");
  const std::string leaf = test::openssl(
      "req -new -key signer.key -subj /CN=x -addext extendedKeyUsage=codeSigning | openssl x509 "
      "-req -CA koeln.pem -CAkey root.key -set_serial 5 -days 9 -copy_extensions copy");
  auto anchors = TrustAnchors::parse({ca}, {});
  ASSERT_TRUE(anchors) << anchors.error().line();
  const CertificateRules rules = {*std::move(anchors), {}, {}, Revocation::crl, test::made_at()};
  EXPECT_THAT(check_certificate(leaf, rules)->verdict.note, HasSubstr("CN=K\\C3\\B6ln"));
}

TEST(CertificateCheck, AnAnchorSignsNothingItself) {
  EXPECT_THAT(outcome("selfsigned"), StartsWith("untrusted"));
  EXPECT_THAT(outcome("root"), StartsWith("untrusted: is a trust anchor itself"));
  // Nor can it be made an anchor.
  const auto anchors = TrustAnchors::parse({test::pem("selfsigned")}, {});
  ASSERT_FALSE(anchors);
  EXPECT_EQ(anchors.error().code(), Code::config);
  EXPECT_THAT(anchors.error().what(), HasSubstr("'CN=selfsigned,O=Test' is not a self-signed CA"));
  EXPECT_FALSE(TrustAnchors::parse({test::pem("inter")}, {}));
}

TEST(CertificateCheck, WeakAlgorithmsAndKeysAreRefused) {
  EXPECT_THAT(outcome("sha1"), StartsWith("weak"));
  EXPECT_THAT(outcome("rsa1024"), StartsWith("weak"));
  EXPECT_THAT(outcome("underweak", {.intermediates = {"weakca"}}), StartsWith("weak"));
  EXPECT_EQ(outcome("rsa2048"), "good");
  EXPECT_EQ(outcome("ed25519"), "good");
  EXPECT_EQ(outcome("bypss", {.intermediates = {"pssca"}}), "good");
  EXPECT_THAT(outcome("bypss1", {.intermediates = {"pssca"}}), StartsWith("weak"));
}

TEST(CertificateCheck, WhatIsNotOneCertificateIsMalformed) {
  const auto outcome_of = [](const std::string& text) {
    const CertificateVerdict verdict = test::judge_pem(text, {}).verdict;
    EXPECT_EQ(verdict.spki, "");
    return test::status_name(verdict.status) + ": " + verdict.note;
  };
  const std::string carol = test::pem("carol");
  EXPECT_THAT(outcome_of(""), HasSubstr("malformed: is malformed: not a PEM file"));
  EXPECT_THAT(outcome_of("carol"), HasSubstr("not a PEM file"));
  EXPECT_THAT(outcome_of(carol + test::pem("inter")), HasSubstr("too many"));
  EXPECT_THAT(outcome_of(test::pki_file("signer.key")), HasSubstr("private key"));
  EXPECT_THAT(outcome_of(test::pki_file("root.crl")), HasSubstr("'X509 CRL', not 'CERTIFICATE'"));
  EXPECT_THAT(outcome_of(carol.substr(0, 300)), StartsWith("malformed"));
}

TEST(CertificateCheck, EveryFlippedByteIsRefused) {
  const std::string der = test::openssl("x509 -in carol.pem -outform DER");
  const auto anchors = TrustAnchors::parse({test::pem("root")}, {test::pem("inter")});
  ASSERT_TRUE(anchors);
  for (std::size_t i = 0; i < der.size(); ++i) {
    std::string flipped = der;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    const unsigned char* at = reinterpret_cast<const unsigned char*>(flipped.data());
    const Certificate parsed(d2i_X509(nullptr, &at, static_cast<long>(flipped.size())));
    if (!parsed) continue;
    const auto chain = anchors->chain_of(parsed.get(), test::made_at());
    ASSERT_TRUE(chain);
    EXPECT_NE(chain->status, CertificateStatus::good) << "byte " << i;
  }
}

TEST(TrustAnchors, AreBundlesOfCertificates) {
  EXPECT_TRUE(TrustAnchors::parse({test::pem("root") + test::pem("rogue")}, {}));
  EXPECT_TRUE(TrustAnchors::parse({}, {}));
  const auto malformed = TrustAnchors::parse({test::pem("root"), "x"}, {});
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().line(), "root certificate 2: not a PEM file");
  EXPECT_FALSE(TrustAnchors::parse({}, {test::pem("inter") + test::pki_file("root.crl")}));
}

TEST(WhyNeverGood, TellsWhatNoLaunchWillEverTake) {
  const auto never = [](const std::string& name, std::int64_t later = 0) {
    const auto why = why_never_good(test::pem(name), test::made_at() + later);
    EXPECT_TRUE(why) << why.error().line();
    return why.value_or("?");
  };
  for (const char* const name : {"carol", "ed25519", "rsa2048", "noku", "inside", "impostor"}) {
    EXPECT_EQ(never(name), "") << name;
  }
  EXPECT_EQ(never("noeku"), "is not for code signing");
  EXPECT_EQ(never("anyeku"), "is not for code signing");
  EXPECT_EQ(never("server"), "is not for code signing");
  EXPECT_EQ(never("badku"), "is not for digital signatures");
  EXPECT_EQ(never("critical"), "is never trusted: unhandled critical extension");
  EXPECT_EQ(never("isca"), "is a CA's, not a signer's");
  EXPECT_EQ(never("selfsigned"), "is self-signed, not issued by a CA");
  EXPECT_EQ(never("sha1"), "is signed by a weak algorithm");
  EXPECT_NE(never("rsa1024"), "");
  EXPECT_NE(never("pss"), "");
  EXPECT_NE(never("ed448"), "");
  EXPECT_THAT(never("shortresponder", 3 * test::kDay), ::testing::StartsWith("ended on 20"));
  EXPECT_EQ(never("carol", -test::kDay), "");  // not yet valid is not never
  EXPECT_THAT(*why_never_good("rubbish", test::made_at()), ::testing::StartsWith("is malformed"));
}

/// Whatever is found never to be good is refused by a check with all that could be wished for.
TEST(WhyNeverGood, AgreesWithTheCheckOfALaunch) {
  for (const char* const name : {"carol", "noeku", "anyeku", "server", "badku", "critical", "isca",
                                 "selfsigned", "sha1", "rsa1024", "noku", "ed25519"}) {
    const bool good = verdict_of(name).status == CertificateStatus::good;
    EXPECT_EQ(why_never_good(test::pem(name), test::made_at())->empty(), good) << name;
  }
}

}  // namespace
}  // namespace sifguard
