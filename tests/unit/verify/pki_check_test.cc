// What sifguard-pki answers: signatures of raw keys and of certified ones.
#include "helper/verify/sandbox/pki_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/crypto/signer_key.h"
#include "tests/unit/verify/pki_fixture.h"

namespace sifguard {
namespace {

using test::good_request;
using test::kPae;
using test::pem;
using test::public_pem;
using test::signature_by;
using test::spki_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PairVerdict pair_verdict(const PkiRequest& request) {
  const auto answer = check_pki(request);
  if (!answer) {
    ADD_FAILURE() << answer.error().line();
    return {};
  }
  return answer->pairs.at(0);
}

TEST(PkiCheck, RawKeysJudgeTheirSignatures) {
  for (const char* const name : {"signer", "rsa2048", "ed25519"}) {
    PkiRequest request;
    request.public_keys = {public_pem("other"), public_pem(name)};
    request.pairs = {{kPae, signature_by(name), ""}};
    const PairVerdict verdict = pair_verdict(request);
    EXPECT_EQ(verdict.status, PairStatus::good) << name;
    EXPECT_EQ(verdict.spki, spki_of(name));
    EXPECT_EQ(verdict.hash, std::string(name) == "ed25519" ? "sha512" : "sha256");
    request.pairs[0].data += "x";
    EXPECT_EQ(pair_verdict(request).status, PairStatus::unknown_key) << name;
  }
}

TEST(PkiCheck, TheHintNeverNamesTheSigner) {
  PkiRequest request;
  request.public_keys = {public_pem("signer"), public_pem("other")};
  const std::string others = SignerKey::from_pem(public_pem("other"))->fingerprint();
  request.pairs = {{kPae, signature_by("signer"), others}};
  EXPECT_EQ(pair_verdict(request).status, PairStatus::good);
  EXPECT_EQ(pair_verdict(request).spki, spki_of("signer"));
  request.pairs[0].data = "another statement";
  EXPECT_EQ(pair_verdict(request).status, PairStatus::bad);
  EXPECT_EQ(pair_verdict(request).spki, spki_of("other"));
  for (const std::string& hint : {std::string(), others + "=", others.substr(7), "x" + others}) {
    request.pairs[0].key_hint = hint;
    EXPECT_EQ(pair_verdict(request).status, PairStatus::unknown_key) << hint;
    EXPECT_EQ(pair_verdict(request).spki, "");
  }
}

TEST(PkiCheck, WhatCannotBeASignatureIsMalformed) {
  PkiRequest request;
  request.public_keys = {public_pem("signer")};
  for (const std::size_t size : {std::size_t{0}, std::size_t{1025}}) {
    request.pairs = {{kPae, std::string(size, 's'), ""}};
    EXPECT_EQ(pair_verdict(request).status, PairStatus::malformed) << size;
  }
}

TEST(PkiCheck, NothingIsGoodWithoutKeys) {
  PkiRequest request;
  request.pairs = {{kPae, signature_by("signer"), ""}};
  EXPECT_EQ(pair_verdict(request).status, PairStatus::unknown_key);
  EXPECT_THAT(check_pki({})->pairs, IsEmpty());
}

TEST(PkiCheck, UnusableKeysGivenAreErrors) {
  const auto refusal = [](const std::string& key) {
    PkiRequest request;
    request.public_keys = {public_pem("signer"), key};
    const auto answer = check_pki(request);
    EXPECT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), Code::config);
    return answer.error().line();
  };
  EXPECT_THAT(refusal(public_pem("rsa1024")), HasSubstr("public key 2: the RSA key has 1024 bits"));
  EXPECT_THAT(refusal(public_pem("pss")), HasSubstr("RSA-PSS"));
  EXPECT_THAT(refusal(public_pem("ed448")), HasSubstr("ED448"));
  EXPECT_THAT(refusal(pem("carol")), HasSubstr("'CERTIFICATE', not 'PUBLIC KEY'"));
  EXPECT_THAT(refusal(""), HasSubstr("not a PEM file"));
}

TEST(PkiCheck, CertificatesLendTheirKeys) {
  const auto answer = check_pki(good_request());
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->pairs[0].status, PairStatus::good);
  ASSERT_THAT(answer->certificates, SizeIs(1));
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::good);
  EXPECT_EQ(answer->pairs[0].spki, answer->certificates[0].spki);
}

TEST(PkiCheck, ABadCertificateDoesNotHideWhoSigned) {
  PkiRequest request = good_request();
  request.roots.clear();
  const auto answer = check_pki(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::untrusted);
  EXPECT_EQ(answer->pairs[0].status, PairStatus::good);  // the signature; the caller asks for both
  EXPECT_EQ(answer->pairs[0].spki, answer->certificates[0].spki);
}

TEST(PkiCheck, CertificatesAreJudgedOneByOne) {
  PkiRequest request = good_request();
  request.certificates = {pem("server"), "rubbish", pem("carol")};
  request.now = test::made_at();
  const auto answer = check_pki(request);
  ASSERT_TRUE(answer);
  ASSERT_THAT(answer->certificates, SizeIs(3));
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::wrong_usage);
  EXPECT_EQ(answer->certificates[1].status, CertificateStatus::malformed);
  EXPECT_EQ(answer->certificates[2].status, CertificateStatus::good);
}

TEST(PkiCheck, CertifiedKeysThatCannotSignImagesCountForNothing) {
  for (const char* const name : {"rsa1024", "pss", "ed448"}) {
    PkiRequest request = good_request();
    request.certificates = {pem(name)};
    request.pairs.clear();
    const auto answer = check_pki(request);
    ASSERT_TRUE(answer) << answer.error().line();
    EXPECT_EQ(answer->certificates[0].status, CertificateStatus::weak) << name;
    EXPECT_NE(answer->certificates[0].note, "") << name;
  }
  PkiRequest request = good_request();
  request.certificates = {pem("rsa1024")};
  request.pairs = {{kPae, signature_by("rsa1024"), ""}};
  const PairVerdict verdict = pair_verdict(request);
  EXPECT_EQ(verdict.status, PairStatus::weak);
  EXPECT_EQ(verdict.spki, spki_of("rsa1024"));
}

TEST(PkiCheck, RevocationReachesTheVerdict) {
  PkiRequest request = good_request();
  request.revocation = Revocation::ocsp_then_crl;
  request.crls = {test::pki_file("root.crl"), test::pki_file("inter.crl")};
  request.ocsp = {test::pki_file("carol.ocsp")};
  EXPECT_EQ(check_pki(request)->certificates[0].status, CertificateStatus::good);
  request.crls = {test::pki_file("root.crl"), test::pki_file("allrevoked.crl")};
  EXPECT_EQ(check_pki(request)->certificates[0].status, CertificateStatus::revoked);
  request.crls.clear();
  EXPECT_EQ(check_pki(request)->certificates[0].status, CertificateStatus::revocation_unknown);
}

TEST(PkiCheck, MalformedAnchorsAreErrors) {
  PkiRequest request = good_request();
  request.roots.emplace_back("rubbish");
  const auto answer = check_pki(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Code::config);
}

TEST(PkiCheck, EveryVerdictFitsTheWire) {
  PkiRequest request = good_request();
  request.certificates = {pem("carol"), pem("manynames"), pem("odd1"),  pem("t61"),
                          "",           pem("sha1"),      pem("ed448"), pem("blank")};
  const auto answer = check_pki(request);
  ASSERT_TRUE(answer);
  const auto decoded =
      decode_pki_answer(encode_pki_answer(*answer), 1, request.certificates.size());
  ASSERT_TRUE(decoded) << decoded.error().line();
  EXPECT_EQ(encode_pki_answer(*decoded), encode_pki_answer(*answer));
}

TEST(PkiCheck, TheVectorImageIsSignedByTheVectorKeys) {
  const auto pairs = test::vector_pairs();
  if (pairs.empty()) GTEST_SKIP() << "TEST VECTORS ABSENT: " << SIFGUARD_VECTORS;
  PkiRequest request;
  request.public_keys = {test::vector_key("ecdsa"), test::vector_key("rsa"),
                         test::vector_key("ed25519")};
  request.certificates = {test::vector_certificate("leaf")};
  request.intermediates = {test::vector_certificate("intermediate")};
  request.roots = {test::vector_certificate("root")};
  request.now = 1'750'000'000;
  request.pairs = pairs;
  const auto answer = check_pki(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->pairs[0].status, PairStatus::good);
  EXPECT_EQ(answer->pairs[0].hash, "sha512");
  EXPECT_EQ(answer->pairs[1].status, PairStatus::good);
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::good);
  EXPECT_EQ(answer->pairs[1].spki, answer->certificates[0].spki);  // the leaf's key is the RSA key
  request.public_keys = {test::vector_key("ecdsa")};
  request.certificates.clear();
  EXPECT_EQ(check_pki(request)->pairs[0].status, PairStatus::unknown_key);
  EXPECT_EQ(check_pki(request)->pairs[1].status, PairStatus::unknown_key);
}

}  // namespace
}  // namespace sifguard
