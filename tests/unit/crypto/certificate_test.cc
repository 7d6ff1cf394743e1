#include "keystore/crypto/certificate.h"

#include <gtest/gtest.h>

#include <cctype>

#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using test::run;

class CertificateTest : public testing::Test {
 protected:
  RsaPrivateKey key_ = RsaPrivateKey::generate(2048).value();
  test::TempDir dir_;
};

TEST_F(CertificateTest, OpensslAgreesWithWhatIsMade) {
  const auto made = make_certificate(key_, "lolcow").value();
  test::write_file(dir_ / "c.pem", certificate_pem(*made).value());
  test::write_file(dir_ / "k.pem", test::text(key_.pkcs8_pem().value()));
  ASSERT_EQ(run(dir_,
                "openssl x509 -in c.pem -noout -fingerprint -sha1 > f &&"
                "openssl x509 -in c.pem -noout -subject -issuer > s &&"
                "openssl x509 -in c.pem -noout -checkend $((3651 * 86400)) &&"
                "! openssl x509 -in c.pem -noout -checkend $((3654 * 86400)) &&"
                "openssl verify -CAfile c.pem -partial_chain c.pem"),
            0)
      << test::read_file(dir_ / "log");
  EXPECT_EQ(test::read_file(dir_ / "s"), "subject=CN = lolcow\nissuer=CN = lolcow\n");
  std::string fingerprint = test::read_file(dir_ / "f");
  fingerprint = fingerprint.substr(fingerprint.find('=') + 1);
  std::string plain;
  for (const char c : fingerprint) {
    if (c != ':' && c != '\n') plain += static_cast<char>(std::tolower(c));
  }
  EXPECT_EQ(certificate_thumbprint(*made).value(), plain);
  EXPECT_EQ(plain.size(), 40U);
}

TEST_F(CertificateTest, NoTwoAreAlike) {
  const auto one = make_certificate(key_, "x").value();
  const auto two = make_certificate(key_, "x").value();
  EXPECT_NE(certificate_thumbprint(*one).value(), certificate_thumbprint(*two).value());
}

TEST_F(CertificateTest, RefusesNamesThatDoNotFit) {
  EXPECT_FALSE(make_certificate(key_, ""));
  EXPECT_FALSE(make_certificate(key_, std::string(65, 'x')));
  EXPECT_TRUE(make_certificate(key_, std::string(64, 'x')));
}

TEST_F(CertificateTest, ParsesPemAndDer) {
  const auto made = make_certificate(key_, "x").value();
  const std::string pem = certificate_pem(*made).value();
  test::write_file(dir_ / "c.pem", pem);
  ASSERT_EQ(run(dir_, "openssl x509 -in c.pem -outform DER -out c.der"), 0);
  for (const std::string& data : {pem, "text before\n" + pem, test::read_file(dir_ / "c.der")}) {
    const auto parsed = parse_certificates(data);
    ASSERT_TRUE(parsed) << parsed.error().line();
    ASSERT_EQ(parsed->size(), 1U);
    EXPECT_EQ(certificate_thumbprint(*parsed->front()).value(),
              certificate_thumbprint(*made).value());
    EXPECT_TRUE(certificate_fits(*parsed->front(), key_.pkey()));
  }
  EXPECT_EQ(parse_certificates(pem + pem).value().size(), 2U);
}

TEST_F(CertificateTest, RefusesWhatIsNone) {
  const auto made = make_certificate(key_, "x").value();
  const std::string pem = certificate_pem(*made).value();
  const std::string key = test::text(key_.pkcs8_pem().value());
  EXPECT_FALSE(parse_certificates(""));
  EXPECT_FALSE(parse_certificates("0"));
  EXPECT_FALSE(parse_certificates(key));
  EXPECT_FALSE(parse_certificates(pem + pem.substr(0, pem.size() / 2)));
  EXPECT_FALSE(
      parse_certificates("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"));
  EXPECT_FALSE(parse_certificates(std::string(300000, '0')));
  std::string many;
  for (int i = 0; i < 65; ++i) many += pem;
  EXPECT_FALSE(parse_certificates(many));
}

TEST_F(CertificateTest, TellsWhoseItIs) {
  const auto made = make_certificate(key_, "x").value();
  const auto other = RsaPrivateKey::generate(2048).value();
  EXPECT_FALSE(certificate_fits(*made, other.pkey()));
  EXPECT_FALSE(certificate_fits(*made, nullptr));
}

}  // namespace
}  // namespace sifguard
