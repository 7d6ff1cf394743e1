#include "keystore/crypto/pfx.h"

#include <gtest/gtest.h>

#include "keystore/crypto/certificate.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using test::run;
using test::secret;

class PfxTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run(dir_,
                  "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=x "
                  "-out c.pem"),
              0);
  }
  /// Runs `openssl pkcs12 -export …`, quick on iterations, and reads the outcome.
  Result<Pfx> exported(const std::string& arguments, std::string_view password = "pw") {
    EXPECT_EQ(
        run(dir_, "openssl pkcs12 -export -iter 1000 -out o.pfx -passout pass:pw " + arguments), 0)
        << test::read_file(dir_ / "log");
    return read(password);
  }
  Result<Pfx> read(std::string_view password = "pw") {
    return read_pfx(as_bytes(test::read_file(dir_ / "o.pfx")), secret(password));
  }
  static void expect_refused(const Result<Pfx>& pfx, const std::string& words) {
    ASSERT_FALSE(pfx);
    EXPECT_EQ(pfx.error().code(), Code::refused);
    EXPECT_NE(pfx.error().what().find(words), std::string::npos) << pfx.error().line();
  }
  test::TempDir dir_;
};

TEST_F(PfxTest, OpensslReadsWhatIsWritten) {
  const auto key = RsaPrivateKey::generate(2048).value();
  const auto certificate = make_certificate(key, "lolcow").value();
  const auto der = write_pfx(key, *certificate, secret("pÄss wört"), "lolcow").value();
  test::write_file(dir_ / "o.pfx", std::string(as_text(der)));
  ASSERT_EQ(run(dir_,
                "openssl pkcs12 -in o.pfx -passin 'pass:pÄss wört' -nodes -out all.pem &&"
                "openssl pkey -in all.pem -out key.pem &&"
                "openssl pkcs12 -in o.pfx -passin 'pass:pÄss wört' -info -noout 2> info"),
            0)
      << test::read_file(dir_ / "log");
  EXPECT_EQ(test::read_file(dir_ / "key.pem"), test::text(key.pkcs8_pem().value()));
  const std::string info = test::read_file(dir_ / "info");
  EXPECT_NE(info.find("MAC: sha256, Iteration 600000"), std::string::npos) << info;
  EXPECT_NE(info.find("Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF "
                      "hmacWithSHA256"),
            std::string::npos)
      << info;
  EXPECT_EQ(info.find("RC2"), std::string::npos);
  const auto again = read("pÄss wört");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(certificate_thumbprint(*again->certificate).value(),
            certificate_thumbprint(*certificate).value());
  expect_refused(read("pw"), "wrong password");
}

TEST_F(PfxTest, WritesUnderNoEmptyOrOddPassword) {
  const auto key = RsaPrivateKey::generate(2048).value();
  const auto certificate = make_certificate(key, "x").value();
  for (const std::string_view password : {std::string_view(""), std::string_view("a\0b", 3),
                                          std::string_view("a\nb"), std::string_view("\xff")}) {
    const auto der = write_pfx(key, *certificate, secret(password), "x");
    ASSERT_FALSE(der);
    EXPECT_EQ(der.error().code(), Code::refused);
  }
}

TEST_F(PfxTest, WritesNoMismatchedPair) {
  const auto key = RsaPrivateKey::generate(2048).value();
  const auto other = RsaPrivateKey::generate(2048).value();
  const auto certificate = make_certificate(other, "x").value();
  EXPECT_FALSE(write_pfx(key, *certificate, secret("pw"), "x"));
}

TEST_F(PfxTest, ReadsModernAndOldCiphers) {
  for (const char* how : {"", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
                          "-keypbe NONE -certpbe NONE", "-caname x -CAfile c.pem"}) {
    const auto pfx = exported(std::string("-inkey k.pem -in c.pem ") + how);
    ASSERT_TRUE(pfx) << how << ": " << pfx.error().line();
    ASSERT_TRUE(pfx->certificate);
    EXPECT_EQ(test::text(pfx->key.pkcs8_pem().value()), test::read_file(dir_ / "k.pem"));
  }
}

TEST_F(PfxTest, ReadsLegacyFiles) {
  if (run(dir_, "openssl list -providers -provider legacy") != 0) {
    GTEST_SKIP() << "this OpenSSL has no legacy provider";
  }
  const auto pfx = exported("-legacy -inkey k.pem -in c.pem");
  ASSERT_TRUE(pfx) << pfx.error().line();
  EXPECT_TRUE(pfx->certificate);
  expect_refused(read("no"), "wrong password");
}

TEST_F(PfxTest, ReadsAnEmptyPasswordAndAKeyAlone) {
  ASSERT_EQ(run(dir_, "openssl pkcs12 -export -out o.pfx -passout pass: -inkey k.pem -nocerts"), 0);
  const auto pfx = read("");
  ASSERT_TRUE(pfx) << pfx.error().line();
  EXPECT_FALSE(pfx->certificate);
  expect_refused(read("x"), "wrong password");
}

TEST_F(PfxTest, TakesTheCertificateOfTheKeyOutOfAChain) {
  ASSERT_EQ(run(dir_,
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout k2.pem -subj /CN=y "
                "-out c2.pem"),
            0);
  const auto pfx = exported("-inkey k.pem -in c.pem -certfile c2.pem");
  ASSERT_TRUE(pfx) << pfx.error().line();
  EXPECT_TRUE(certificate_fits(*pfx->certificate, pfx->key.pkey()));
}

TEST_F(PfxTest, RefusesAMismatchedPair) {
  // openssl refuses to make one itself, so the certificate travels as an extra.
  ASSERT_EQ(run(dir_,
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout k2.pem -subj /CN=y "
                "-out c2.pem"),
            0);
  expect_refused(exported("-inkey k.pem -in k.pem -nocerts -certfile c2.pem").has_value()
                     ? Result<Pfx>(fail(Code::refused, "openssl left the certificate out"))
                     : read(),
                 "certificate");
}

TEST_F(PfxTest, RefusesAFileWithoutKey) {
  expect_refused(exported("-nokeys -in c.pem"), "no private key");
}

TEST_F(PfxTest, RefusesOtherAndWeakKeys) {
  ASSERT_EQ(run(dir_,
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                "-keyout ek.pem -subj /CN=y -out ec.pem;"
                "openssl req -x509 -newkey rsa:1024 -nodes -keyout wk.pem -subj /CN=y "
                "-out wc.pem"),
            0);
  expect_refused(exported("-inkey ek.pem -in ec.pem"), "EC, not RSA");
  expect_refused(exported("-inkey wk.pem -in wc.pem"), "1024 bits");
}

TEST_F(PfxTest, RefusesAFileWithoutMac) {
  expect_refused(exported("-nomac -inkey k.pem -in c.pem"), "no integrity check");
}

TEST_F(PfxTest, RefusesAWrongPassword) {
  expect_refused(exported("-inkey k.pem -in c.pem", "PW"), "wrong password");
  expect_refused(read(""), "wrong password");
  expect_refused(read(std::string_view("pw\0", 3)), "NUL");
}

TEST_F(PfxTest, RefusesDamage) {
  ASSERT_TRUE(exported("-inkey k.pem -in c.pem"));
  const std::string whole = test::read_file(dir_ / "o.pfx");
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    EXPECT_FALSE(read_pfx(as_bytes(whole.substr(0, size)), secret("pw"))) << size;
  }
  for (std::size_t at = 0; at < whole.size(); at += 53) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    EXPECT_FALSE(read_pfx(as_bytes(flipped), secret("pw"))) << at;
  }
  EXPECT_FALSE(read_pfx(as_bytes(whole + "x"), secret("pw")));
  EXPECT_FALSE(read_pfx(as_bytes(std::string(300000, '0')), secret("pw")));
  EXPECT_FALSE(read_pfx(as_bytes(test::read_file(dir_ / "k.pem")), secret("pw")));
}

TEST_F(PfxTest, TellsDerFromPem) {
  EXPECT_TRUE(looks_like_der(as_bytes("\x30\x82")));
  EXPECT_FALSE(looks_like_der(as_bytes("--")));
  EXPECT_FALSE(looks_like_der({}));
}

/// OpenSSL before 1.1 took each byte of a password for a character; a program of now is made to
/// write the same by giving it these characters in UTF-8.
TEST_F(PfxTest, PasswordsBeyondAsciiAreReadAsOlderOpensslWroteThem) {
  const std::string wide = "p\u00c3\u00a4ss";  // the two bytes of "ä"
  const std::string export_it = "openssl pkcs12 -export -inkey k.pem -in c.pem -out o.pfx ";
  ASSERT_EQ(run(dir_, export_it + "-passout 'pass:" + wide + "'"), 0);
  const auto opened = read("p\u00e4ss");
  EXPECT_TRUE(opened) << opened.error().line();
  expect_refused(read("p\u00e5ss"), "wrong password");
  expect_refused(read("pass"), "wrong password");
  ASSERT_EQ(run(dir_, export_it + "-passout 'pass:p\u00e4ss'"), 0);
  EXPECT_TRUE(read("p\u00e4ss"));
  EXPECT_TRUE(read("p\xe4ss"));  // the same, typed on a Latin-1 terminal
}

}  // namespace
}  // namespace sifguard
