// OCSP responses: what proves that a chain is not revoked, and everything that does not.
#include "keystore/x509/ocsp_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/x509/certificate_fixture.h"

namespace sifguard {
namespace {

using test::Given;
using test::kDay;
using test::outcome;
using test::verdict_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using State = RevocationFinding::State;

/// Judged with the root's response for the intermediate and these.
std::string with(std::vector<std::string> responses, const std::string& name = "carol",
                 std::int64_t later = 0) {
  responses.emplace_back("inter");
  return outcome(name,
                 {.revocation = Revocation::ocsp, .ocsp = std::move(responses), .later = later});
}

/// What one response's bytes say about carol.
RevocationFinding find(const std::string& response, std::int64_t later = 0,
                       const std::vector<std::string>& crls = {}) {
  static const auto carol = parse_one_certificate(test::pem("carol"));
  static const auto inter = parse_one_certificate(test::pem("inter"));
  return OcspSet::parse({response})
      .find(carol->get(), inter->get(), CrlSet::parse(crls), test::made_at() + later);
}

TEST(OcspCheck, AFreshGoodResponseForEveryCertificateIsNeeded) {
  EXPECT_EQ(with({"carol"}), "good");
  EXPECT_THAT(with({}), StartsWith("revocation_unknown: has no OCSP response"));
  EXPECT_THAT(outcome("carol", {.revocation = Revocation::ocsp, .ocsp = {"carol"}}),
              StartsWith("revocation_unknown: is issued by a CA whose certificate (CN=Test "
                         "CA,O=Test) has no OCSP response"));
  // A CRL is no substitute here.
  EXPECT_THAT(outcome("carol", {.revocation = Revocation::ocsp, .crls = {"root", "inter"}}),
              StartsWith("revocation_unknown"));
}

TEST(OcspCheck, CertificateIdsAreHashedBySha1OrSha256) {
  EXPECT_EQ(with({"carolsha1"}), "good");
  EXPECT_THAT(with({"carolsha512"}), StartsWith("revocation_unknown"));
}

TEST(OcspCheck, RevokedOnesAreRefusedWhereverTheyStand) {
  EXPECT_EQ(with({"revoked"}, "revoked"),
            "revoked: is revoked by an OCSP response for CN=Test CA,O=Test");
  EXPECT_THAT(outcome("carol", {.revocation = Revocation::ocsp, .ocsp = {"carol", "interrevoked"}}),
              StartsWith("revoked: is issued by a CA whose certificate (CN=Test CA,O=Test) is "));
  EXPECT_THAT(outcome("carol",
                      {.revocation = Revocation::ocsp, .ocsp = {"carol", "inter", "interrevoked"}}),
              StartsWith("revoked"));
  // Known is known, whatever the mode asks for.
  EXPECT_THAT(
      outcome("revoked",
              {.revocation = Revocation::crl, .crls = {"root", "number"}, .ocsp = {"revoked"}}),
      StartsWith("revoked"));
}

TEST(OcspCheck, UnknownAndReplayedAnswersProveNothing) {
  EXPECT_THAT(with({"unknown"}),
              StartsWith("revocation_unknown: is unknown to the OCSP responder of CN=Test CA"));
  EXPECT_THAT(with({"dave"}), StartsWith("revocation_unknown: has no OCSP response"));
  EXPECT_EQ(with({"dave"}, "dave"), "good");
  EXPECT_THAT(with({"impostor"}),  // the same serial number and issuer name, another CA
              StartsWith("revocation_unknown: has no OCSP response"));
}

TEST(OcspCheck, StaleFutureAndEndlessAnswersProveNothing) {
  EXPECT_EQ(with({"carol"}, "carol", 6 * kDay), "good");
  EXPECT_THAT(with({"carol"}, "carol", 8 * kDay), HasSubstr("no fresh OCSP response: the one "
                                                            "given ended at 20"));
  EXPECT_THAT(with({"endless"}), HasSubstr("the one given does not say until when it is valid"));
  EXPECT_EQ(find(test::pki_file("carol.ocsp"), -200).state, State::good);
  EXPECT_EQ(find(test::pki_file("carol.ocsp"), -400).state, State::unknown);
  EXPECT_THAT(find(test::pki_file("carol.ocsp"), -400).note, HasSubstr("is dated in the future"));
}

TEST(OcspCheck, ARevocationCountsHoweverOldTheAnswerIs) {
  EXPECT_THAT(with({"revoked"}, "revoked", 8 * kDay), StartsWith("revoked"));
  // By a responder whose certificate has ended since.
  EXPECT_THAT(with({"shortrevoked"}, "revoked", 3 * kDay), StartsWith("revoked"));
  EXPECT_THAT(with({"held"}), StartsWith("revoked"));
  EXPECT_THAT(with({"held"}, "carol", 8 * kDay),
              StartsWith("revocation_unknown: has no fresh OCSP response"));
}

TEST(OcspCheck, TheVerdictEndsWithTheAnswer) {
  const Given given = {.revocation = Revocation::ocsp, .ocsp = {"carol", "inter"}};
  EXPECT_NEAR(static_cast<double>(verdict_of("carol", given).valid_until - test::made_at()),
              7.0 * kDay, 600);
}

TEST(OcspCheck, TheIssuerAndItsDelegatesMayAnswer) {
  EXPECT_EQ(with({"delegated"}), "good");
  EXPECT_EQ(with({"bykey"}), "good");
  EXPECT_EQ(with({"byshortresponder"}), "good");
  EXPECT_LE(find(test::pki_file("byshortresponder.ocsp")).valid_until, test::made_at() + 2 * kDay);
}

TEST(OcspCheck, NobodyElseMay) {
  for (const char* const responder :
       {"noekuresponder", "rootresponder", "rogueresponder", "caresponder", "carol"}) {
    EXPECT_THAT(with({std::string("by") + responder}),
                StartsWith("revocation_unknown: has no OCSP response by its issuer CN=Test "
                           "CA,O=Test or a responder of it"))
        << responder;
  }
  EXPECT_THAT(with({"nocerts"}), StartsWith("revocation_unknown"));  // who signed it?
  EXPECT_THAT(with({"md1"}), StartsWith("revocation_unknown"));      // signed with SHA-1
  EXPECT_THAT(with({"byshortresponder"}, "carol", 3 * kDay), StartsWith("revocation_unknown"));
}

TEST(OcspCheck, ARevokedResponderMayNot) {
  const std::string response = test::pki_file("byrevokedresponder.ocsp");
  EXPECT_EQ(find(response).state, State::good);  // nothing known
  EXPECT_EQ(find(response, 0, {test::pki_file("inter.crl")}).state, State::unknown);
  EXPECT_EQ(find(test::pki_file("delegated.ocsp"), 0, {test::pki_file("inter.crl")}).state,
            State::good);
}

TEST(OcspCheck, AFreshCrlMayDecideWhereTheModeSaysSo) {
  const auto judged = [](std::vector<std::string> crls, std::vector<std::string> ocsp) {
    return outcome("carol", {.revocation = Revocation::ocsp_then_crl,
                             .crls = std::move(crls),
                             .ocsp = std::move(ocsp)});
  };
  EXPECT_EQ(judged({}, {"carol", "inter"}), "good");
  EXPECT_EQ(judged({"root", "inter"}, {}), "good");
  EXPECT_EQ(judged({"root"}, {"carol"}), "good");
  EXPECT_EQ(judged({"root", "inter"}, {"unknown"}), "good");
  EXPECT_EQ(judged({"root", "inter"}, {"endless"}), "good");
  EXPECT_THAT(judged({"root", "inter"}, {"interrevoked"}), StartsWith("revoked"));
  EXPECT_THAT(judged({"root"}, {"unknown"}),
              StartsWith("revocation_unknown: is unknown to the OCSP responder of CN=Test "
                         "CA,O=Test; has no CRL of its issuer"));
}

TEST(OcspCheck, MalformedResponsesProveNothing) {
  const std::string good = test::pki_file("delegated.ocsp");
  EXPECT_EQ(find(good).state, State::good);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(find(good.substr(0, size)).state, State::unknown) << size;
  }
  EXPECT_EQ(find(good + std::string(1, '\0')).state, State::unknown);
  EXPECT_THAT(find("rubbish").note, HasSubstr("(one given is malformed or unsuccessful)"));
  const std::string try_later("\x30\x03\x0a\x01\x03", 5);  // RFC 6960 4.2.1
  EXPECT_THAT(find(try_later).note, HasSubstr("malformed or unsuccessful"));
}

TEST(OcspCheck, EveryFlippedByteProvesNothing) {
  // By the issuer itself; the certificate that openssl adds is not looked at, so it is left out.
  const std::string whole = test::pki_file("carol.ocsp");
  const std::string bare = [&] {
    test::openssl(
        "ocsp -index inter.index -CA inter.pem -rsigner inter.pem -rkey inter.key -ndays 7 "
        "-resp_no_certs -issuer inter.pem -sha256 -cert carol.pem -no_nonce -respout bare.ocsp");
    return test::pki_file("bare.ocsp");
  }();
  ASSERT_LT(bare.size(), whole.size());
  ASSERT_EQ(find(bare).state, State::good);
  for (std::size_t i = 0; i < bare.size(); ++i) {
    std::string flipped = bare;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_EQ(find(flipped).state, State::unknown) << "byte " << i;
  }
}

}  // namespace
}  // namespace sifguard
