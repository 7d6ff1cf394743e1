// CRLs: what proves that a chain is not revoked, and everything that does not.
#include "keystore/x509/crl_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "keystore/x509/asn1_time.h"
#include "tests/unit/x509/certificate_fixture.h"

namespace sifguard {
namespace {

using test::Given;
using test::kDay;
using test::outcome;
using test::verdict_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Judged with the root's CRL and these.
std::string with(std::vector<std::string> crls, const std::string& name = "carol",
                 std::int64_t later = 0) {
  crls.emplace_back("root");
  return outcome(name, {.revocation = Revocation::crl, .crls = std::move(crls), .later = later});
}

TEST(CrlCheck, AFreshCrlOfEveryIssuerIsNeeded) {
  EXPECT_EQ(with({"inter"}), "good");
  EXPECT_THAT(with({}), StartsWith("revocation_unknown: has no CRL of its issuer CN=Test CA"));
  EXPECT_THAT(outcome("carol", {.revocation = Revocation::crl, .crls = {"inter"}}),
              StartsWith("revocation_unknown: is issued by a CA whose certificate (CN=Test "
                         "CA,O=Test) has no CRL of its issuer CN=Test Root"));
  EXPECT_THAT(outcome("carol", {.revocation = Revocation::crl}), StartsWith("revocation_unknown"));
  EXPECT_EQ(outcome("carol", {.revocation = Revocation::off}), "good");
}

TEST(CrlCheck, RevokedOnesAreRefusedWhereverTheyStand) {
  EXPECT_EQ(with({"inter"}, "revoked"), "revoked: is revoked by a CRL of CN=Test CA,O=Test");
  EXPECT_EQ(with({"allrevoked"}), "revoked: is revoked by a CRL of CN=Test CA,O=Test");
  EXPECT_THAT(with({"hold"}), StartsWith("revoked"));
  EXPECT_THAT(with({"inter", "allrevoked"}), StartsWith("revoked"));
  EXPECT_THAT(outcome("carol", {.revocation = Revocation::crl, .crls = {"inter", "rootrevoked"}}),
              StartsWith("revoked: is issued by a CA whose certificate (CN=Test CA,O=Test) is "
                         "revoked by a CRL of CN=Test Root"));
}

TEST(CrlCheck, AKnownRevocationCountsInEveryModeButOff) {
  for (const Revocation mode : {Revocation::crl, Revocation::ocsp, Revocation::ocsp_then_crl}) {
    EXPECT_EQ(
        verdict_of("carol",
                   {.revocation = mode, .crls = {"root", "allrevoked"}, .ocsp = {"carol", "inter"}})
            .status,
        CertificateStatus::revoked);
  }
  EXPECT_EQ(outcome("revoked", {.crls = {"root", "inter"}}), "good");
}

TEST(CrlCheck, StaleAndFutureListsProveNothing) {
  EXPECT_EQ(with({"inter"}, "carol", 6 * kDay), "good");
  EXPECT_THAT(with({"inter"}, "carol", 8 * kDay),
              HasSubstr("revocation_unknown: has no fresh CRL of its issuer CN=Test CA,O=Test: the "
                        "one given ended at 20"));
  const auto carol = parse_one_certificate(test::pem("carol"));
  const auto inter = parse_one_certificate(test::pem("inter"));
  const CrlSet set = CrlSet::parse({test::pki_file("inter.crl")});
  const auto at = [&](std::int64_t seconds) {
    return set.find(carol->get(), inter->get(), test::made_at() + seconds);
  };
  EXPECT_EQ(at(-200).state, RevocationFinding::State::good);  // our clock may be late
  EXPECT_EQ(at(-400).state, RevocationFinding::State::unknown);
  EXPECT_THAT(at(-400).note, HasSubstr("is dated in the future"));
}

TEST(CrlCheck, ARevocationCountsHoweverOldItsListIs) {
  EXPECT_THAT(with({"allrevoked"}, "carol", 8 * kDay), StartsWith("revoked"));
  const auto carol = parse_one_certificate(test::pem("carol"));
  const auto inter = parse_one_certificate(test::pem("inter"));
  const CrlSet set = CrlSet::parse({test::pki_file("allrevoked.crl")});  // our clock may be late
  EXPECT_EQ(set.find(carol->get(), inter->get(), test::made_at() - 400).state,
            RevocationFinding::State::revoked);
  EXPECT_THAT(with({"inter"}, "revoked", 8 * kDay), StartsWith("revoked"));
  EXPECT_THAT(with({"hold"}, "carol", 8 * kDay),  // which may have been lifted since
              StartsWith("revocation_unknown: has no fresh CRL"));
  EXPECT_THAT(outcome("carol", {.revocation = Revocation::ocsp,
                                .crls = {"rootrevoked"},
                                .ocsp = {"carol", "inter"},
                                .later = 6 * kDay}),
              StartsWith("revoked"));
}

TEST(CrlCheck, ARevocationCountsWhateverElseItsListSays) {
  for (const char* const name : {"deltarevoked", "strangerevoked"}) {
    EXPECT_THAT(with({name, "inter"}), StartsWith("revoked")) << name;
  }
  EXPECT_EQ(with({"indirectrevoked", "inter"}), "good");  // it may be another CA's number
  EXPECT_EQ(with({"roguerevoked", "inter"}), "good");     // anybody writes such a list
}

TEST(CrlCheck, TheReasonIsOfTheListThatNearlyCounts) {
  const auto note = [](std::vector<std::string> crls, std::int64_t later = 0) {
    return with(std::move(crls), "carol", later);
  };
  const std::string point = "URI:http://crl.example.org/1.crl";
  const std::string other = " for it: the one given is for certificates that name " + point;
  EXPECT_THAT(note({"idp_shard"}), HasSubstr(other + ", and it names none"));
  EXPECT_THAT(note({"idp_shard", "sha1"}), HasSubstr(other));
  EXPECT_THAT(note({"sha1", "idp_shard"}), HasSubstr(other));
  EXPECT_THAT(note({"idp_shard"}, 8 * kDay), HasSubstr(other));  // a new one is for others, too
  EXPECT_THAT(note({"idp_shard", "inter"}, 8 * kDay), HasSubstr("the one given ended at"));
  EXPECT_THAT(note({"idp_ca"}), HasSubstr("the one given is for certificates of CAs only"));
  EXPECT_THAT(note({"sha1"}), HasSubstr("the one given is signed with a weak algorithm"));
  EXPECT_THAT(note({"rogueinter"}), HasSubstr("the one given is not signed by its issuer's key"));
  EXPECT_THAT(note({"delta"}), HasSubstr("the one given is a delta list"));
  EXPECT_THAT(note({"idp_indirect"}), HasSubstr("the one given is an indirect list"));
  EXPECT_THAT(note({"idp_reasons"}), HasSubstr("the one given is for some reasons only"));
  EXPECT_THAT(note({"strange"}),
              HasSubstr("the one given has the unknown critical extension 1.2.3.4"));
}

TEST(CrlCheck, TheVerdictEndsWithTheList) {
  const std::int64_t until =
      verdict_of("carol", {.revocation = Revocation::crl, .crls = {"root", "inter"}}).valid_until;
  EXPECT_NEAR(static_cast<double>(until - test::made_at()), 7.0 * kDay, 600);
}

TEST(CrlCheck, OthersListsProveNothing) {
  EXPECT_THAT(with({"rogueinter"}),  // the same name, another key
              StartsWith("revocation_unknown: has no usable CRL signed by its issuer CN=Test CA"));
  EXPECT_EQ(with({"rogueinter", "inter"}), "good");
  EXPECT_THAT(with({"serverca"}), StartsWith("revocation_unknown: has no CRL"));
  EXPECT_THAT(outcome("undernocrlsign", {.intermediates = {"nocrlsign"},
                                         .revocation = Revocation::crl,
                                         .crls = {"root", "nocrlsign"}}),
              StartsWith("revocation_unknown: has no usable CRL"));
}

TEST(CrlCheck, AListThatMustBeUnderstoodButIsNotProvesNothing) {
  for (const char* const name : {"delta", "idp_indirect", "idp_reasons", "strange", "sha1"}) {
    EXPECT_THAT(with({name}), StartsWith("revocation_unknown: has no usable CRL")) << name;
  }
  EXPECT_EQ(with({"number"}), "good");
}

TEST(CrlCheck, AListsScopeLimitsWhatItProves) {
  EXPECT_EQ(with({"idp_user"}), "good");
  EXPECT_THAT(with({"idp_ca"}), StartsWith("revocation_unknown"));
  EXPECT_THAT(with({"idp_shard"}), StartsWith("revocation_unknown"));
  EXPECT_EQ(with({"idp_shard"}, "sharded"), "good");
  EXPECT_EQ(with({"inter"}, "sharded"), "good");
  EXPECT_THAT(with({"shardrevoked", "inter"}), StartsWith("revoked"));  // wherever it is known
}

TEST(CrlCheck, TakesDerAndSeveralInOneFile) {
  const std::string der = test::openssl("crl -in inter.crl -outform DER");
  const auto carol = parse_one_certificate(test::pem("carol"));
  const auto inter = parse_one_certificate(test::pem("inter"));
  const auto state = [&](const std::string& file) {
    return CrlSet::parse({file}).find(carol->get(), inter->get(), test::made_at()).state;
  };
  using State = RevocationFinding::State;
  EXPECT_EQ(state(der), State::good);
  EXPECT_EQ(state(test::pki_file("root.crl") + test::pki_file("inter.crl")), State::good);
  EXPECT_EQ(state(der + "x"), State::unknown);
  EXPECT_EQ(state(test::pki_file("inter.crl") + test::pem("inter")), State::unknown);
  EXPECT_EQ(state(""), State::unknown);
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(state(der.substr(0, size)), State::unknown) << size;
  }
}

TEST(CrlCheck, MalformedListsAreSaidSo) {
  const auto carol = parse_one_certificate(test::pem("carol"));
  const auto inter = parse_one_certificate(test::pem("inter"));
  const auto finding = CrlSet::parse({"rubbish"}).find(carol->get(), inter->get(), test::made_at());
  EXPECT_THAT(finding.note, HasSubstr("(a CRL given is malformed)"));
}

TEST(CrlCheck, EveryFlippedByteProvesNothing) {
  const std::string der = test::openssl("crl -in inter.crl -outform DER");
  const auto carol = parse_one_certificate(test::pem("carol"));
  const auto inter = parse_one_certificate(test::pem("inter"));
  for (std::size_t i = 0; i < der.size(); ++i) {
    std::string flipped = der;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    const auto found = CrlSet::parse({flipped}).find(carol->get(), inter->get(), test::made_at());
    EXPECT_EQ(found.state, RevocationFinding::State::unknown) << "byte " << i;
  }
}

/// What the openssl program does not write: a list without an end.
TEST(CrlCheck, AListWithoutAnEndProvesNothing) {
  const std::string text = test::pki_file("inter.crl");
  const Bio bio = view_bio(as_bytes(text));
  const CertificateRevocationList listed(
      PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
  const CertificateRevocationList crl(X509_CRL_new());
  const std::string key_text = test::pki_file("inter.key");
  const Bio key_bio = view_bio(as_bytes(key_text));
  const Pkey key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(), X509_CRL_get_issuer(listed.get()));
  X509_CRL_set1_lastUpdate(crl.get(), X509_CRL_get0_lastUpdate(listed.get()));
  const auto carol = parse_one_certificate(test::pem("carol"));
  const auto inter = parse_one_certificate(test::pem("inter"));
  const auto finding = [&] {
    X509_CRL_sign(crl.get(), key.get(), EVP_sha256());
    unsigned char* der = nullptr;
    const int size = i2d_X509_CRL(crl.get(), &der);
    const std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return CrlSet::parse({bytes}).find(carol->get(), inter->get(), test::made_at());
  };
  EXPECT_EQ(finding().state, RevocationFinding::State::unknown);
  EXPECT_THAT(finding().note, HasSubstr("does not say until when it is valid"));
  X509_CRL_set1_nextUpdate(crl.get(), X509_CRL_get0_nextUpdate(listed.get()));
  EXPECT_EQ(finding().state, RevocationFinding::State::good);
}

}  // namespace
}  // namespace sifguard
