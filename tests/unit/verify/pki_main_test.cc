// The real sifguard-pki in its sandbox: every algorithm and source of revocation that it may meet
// there, and what it does with nonsense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pwd.h>
#include <unistd.h>

#include "helper/verify/pki_run.h"
#include "helper/verify/sandboxed.h"
#include "keystore/base/child.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/openssl.h"
#include "tests/unit/verify/pki_fixture.h"

namespace sifguard {
namespace {

using test::good_request;
using test::kPae;
using test::pem;
using test::pki_file;
using test::public_pem;
using test::signature_by;
using ::testing::HasSubstr;

ExamineOptions options() {
  ExamineOptions chosen;
  chosen.libexec_dir = SIFGUARD_BIN;
  chosen.deadline_ms = monotonic_ms() + 60000;
  return chosen;
}

/// As root does it; elsewhere namespaces and the other account are left out.
Result<PkiAnswer> ask(const PkiRequest& request) {
  ExamineOptions chosen = options();
  const passwd* const nobody = ::getpwnam("nobody");
  if (::geteuid() == 0 && nobody != nullptr) {
    chosen.identity = Identity{nobody->pw_uid, nobody->pw_gid, {}};
  }
  return run_pki(request, chosen);
}

TEST(PkiMain, JudgesKeysOfEverySort) {
  PkiRequest request;
  request.public_keys = {public_pem("signer"), public_pem("rsa2048"), public_pem("ed25519")};
  for (const char* const name : {"signer", "rsa2048", "ed25519", "rsa1024"}) {
    request.pairs.push_back({kPae, signature_by(name), ""});
  }
  const auto answer = ask(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->pairs[0].status, PairStatus::good);
  EXPECT_EQ(answer->pairs[1].status, PairStatus::good);
  EXPECT_EQ(answer->pairs[2].status, PairStatus::good);
  EXPECT_EQ(answer->pairs[3].status, PairStatus::unknown_key);
}

TEST(PkiMain, JudgesCertificatesByAllThatThereIs) {
  PkiRequest request = good_request();
  request.certificates = {pem("carol"),   pem("sha1"),    pem("rsa1024"), pem("pss"),
                          pem("ed25519"), pem("outside"), pem("odd2"),    "rubbish"};
  request.intermediates.push_back(pem("named") + pem("pssca"));
  request.roots.push_back(pem("rogue"));
  request.revocation = Revocation::ocsp_then_crl;
  for (const char* const name : {"root", "inter", "idp_shard", "delta", "sha1", "rogueinter"}) {
    request.crls.push_back(pki_file(name + std::string(".crl")));
  }
  for (const char* const name : {"carol", "delegated", "bykey", "md1", "byrogueresponder"}) {
    request.ocsp.push_back(pki_file(name + std::string(".ocsp")));
  }
  request.crls.emplace_back("rubbish");
  request.ocsp.emplace_back("rubbish");
  const auto answer = ask(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::good)
      << answer->certificates[0].note;
  EXPECT_EQ(answer->certificates[1].status, CertificateStatus::weak);
  EXPECT_EQ(answer->certificates[2].status, CertificateStatus::weak);
  EXPECT_EQ(answer->certificates[3].status, CertificateStatus::weak);
  EXPECT_EQ(answer->certificates[4].status, CertificateStatus::good);
  EXPECT_EQ(answer->certificates[5].status, CertificateStatus::untrusted);
  EXPECT_EQ(answer->certificates[6].status, CertificateStatus::good);
  EXPECT_EQ(answer->certificates[7].status, CertificateStatus::malformed);
}

TEST(PkiMain, JudgesTheVectors) {
  PkiRequest request;
  request.pairs = test::vector_pairs();
  if (request.pairs.empty()) GTEST_SKIP() << "TEST VECTORS ABSENT: " << SIFGUARD_VECTORS;
  request.certificates = {test::vector_certificate("leaf")};
  request.intermediates = {test::vector_certificate("intermediate")};
  request.roots = {test::vector_certificate("root")};
  request.now = 1'750'000'000;
  const auto answer = ask(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::good);
  EXPECT_EQ(answer->pairs[0].status, PairStatus::unknown_key);
  EXPECT_EQ(answer->pairs[1].status, PairStatus::good);
}

TEST(PkiMain, SaysWhatIsWrongWithItsKeys) {
  PkiRequest request = good_request();
  request.public_keys = {public_pem("ed448")};
  const auto answer = ask(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Code::config);
  EXPECT_THAT(answer.error().what(), HasSubstr("public key 1: the key is ED448"));
}

TEST(PkiMain, DoesNotAskATerminalForThePasswordOfACertificate) {
  PkiRequest request = good_request();
  std::string& carol = request.certificates[0];
  carol.insert(
      carol.find('\n') + 1,
      "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
  const auto answer = ask(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::malformed);
}

TEST(PkiMain, AnswersNonsenseWithAFailure) {
  for (const std::string& question :
       {std::string(), std::string("SPKQ\x01"), std::string(1 << 20, 'x')}) {
    const auto input = request_in_memory(question);
    ASSERT_TRUE(input);
    ChildSpec spec = confined(options(), "sifguard-pki", input->get());
    const auto text = run_sandboxed(spec, kMaxPkiAnswer, options().deadline_ms);
    ASSERT_TRUE(text) << text.error().line();
    const auto answer = decode_pki_answer(*text, 0, 0);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), Code::internal);
  }
}

/// Self-signed CAs, `count` of them.
std::string many_roots(int count) {
  const std::string text = pki_file("other.key");
  const Bio in = view_bio(as_bytes(text));
  const Pkey key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  std::string bundle;
  for (int i = 0; i < count; ++i) {
    const Certificate root(X509_new());
    X509_set_version(root.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(root.get()), i + 1);
    X509_gmtime_adj(X509_getm_notBefore(root.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(root.get()), 86400);
    X509_NAME* const name = X509_get_subject_name(root.get());
    const std::string text_of_name = "Root " + std::to_string(i);
    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, octets(as_bytes(text_of_name)),
                               -1, -1, 0);
    X509_set_issuer_name(root.get(), name);
    X509_set_pubkey(root.get(), key.get());
    const Owned<X509_EXTENSION, X509_EXTENSION_free> ca(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
    X509_add_ext(root.get(), ca.get(), -1);
    X509_sign(root.get(), key.get(), EVP_sha256());
    bundle += certificate_pem(*root).value();
  }
  return bundle;
}

TEST(PkiMain, TakesManyRoots) {
  PkiRequest request = good_request();
  request.roots.push_back(many_roots(150));
  const auto answer = ask(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::good)
      << answer->certificates[0].note;
}

/// One DER element.
std::string element(char tag, const std::string& content) {
  std::string length;
  for (std::size_t left = content.size(); left > 0; left >>= 8U) {
    length.insert(length.begin(), static_cast<char>(left & 0xffU));
  }
  if (content.size() < 0x80)
    return std::string(1, tag) + static_cast<char>(content.size()) + content;
  return std::string(1, tag) + static_cast<char>(0x80U | length.size()) + length + content;
}

/// A CRL of the CA `inter` with so many entries, of 16-byte serial numbers (RFC 5280 5.1).
std::string long_crl(std::size_t entries) {
  const std::string ecdsa_sha256 = element(0x30, "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
  const std::string issuer = test::openssl(  // the subject's DER, as openssl finds it
      "x509 -in inter.pem -outform DER -out inter.der && openssl asn1parse -inform DER -in "
      "inter.der "
      "-strparse $(openssl asn1parse -inform DER -in inter.der | awk -F: '/d=2/ && /SEQUENCE/ && "
      "++n == 4 { print $1 }') -noout -out name.der && cat name.der");
  std::string rows;
  const std::string revoked_at = element(0x17, "240101000000Z");
  for (std::size_t i = 0; i < entries; ++i) {
    std::string serial(16, 's');
    for (std::size_t k = 0; k < 4; ++k) serial[15 - k] = static_cast<char>(i >> 8 * k & 0xffU);
    rows += element(0x30, element(0x02, serial) + revoked_at);
  }
  const std::string tbs =
      element(0x30, element(0x02, "\x01") + ecdsa_sha256 + issuer + element(0x17, "240101000000Z") +
                        element(0x17, "491231235959Z") + element(0x30, rows));
  return element(
      0x30, tbs + ecdsa_sha256 + element(0x03, std::string(1, '\0') + signature_by("inter", tbs)));
}

TEST(PkiMain, SurvivesTheLongestCrls) {
#if defined(SIFGUARD_SANITIZED)
  constexpr std::size_t kEntries = 40000;  // a tenth, there everything is slow
#else
  constexpr std::size_t kEntries = 445000;
#endif
  PkiRequest request = good_request();
  request.revocation = Revocation::crl;
  request.crls = {long_crl(kEntries), pki_file("root.crl")};
  ASSERT_LT(request.crls[0].size() + request.crls[1].size(), std::size_t{kMaxPkiCrlTotal});
  const auto answer = ask(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->certificates[0].status, CertificateStatus::good)
      << answer->certificates[0].note;
}

}  // namespace
}  // namespace sifguard
