#include <gtest/gtest.h>

#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/rsa.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using test::read_file;
using test::run;

class RsaPublic : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run(dir_,
                  "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out k.pem &&"
                  "openssl pkey -in k.pem -pubout -out spki.pem &&"
                  "openssl rsa -in k.pem -RSAPublicKey_out -out pkcs1.pem &&"
                  "openssl pkey -in k.pem -pubout -outform DER -out spki.der"),
              0);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return read_file(dir_ / name); }
  static void expect_refused(const std::string& pem, const std::string& words) {
    const auto key = RsaPublicKey::from_pem(pem);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code(), Code::refused);
    EXPECT_NE(key.error().what().find(words), std::string::npos) << key.error().line();
  }
  test::TempDir dir_;
};

TEST_F(RsaPublic, ReadsAndWritesBothForms) {
  for (const char* name : {"spki.pem", "pkcs1.pem"}) {
    const auto key = RsaPublicKey::from_pem(file(name));
    ASSERT_TRUE(key) << key.error().line();
    EXPECT_EQ(key->bits(), 2048);
    EXPECT_EQ(key->modulus_bytes(), 256U);
    EXPECT_EQ(key->spki_pem().value(), file("spki.pem"));
    EXPECT_EQ(key->pkcs1_pem().value(), file("pkcs1.pem"));
  }
}

TEST_F(RsaPublic, IdIsTheDigestOfTheEncoding) {
  const auto key = RsaPublicKey::from_pem(file("pkcs1.pem")).value();
  EXPECT_EQ(key.id().value(), to_hex(sha256(as_bytes(file("spki.der"))).value()));
}

TEST_F(RsaPublic, OpensslDecryptsWhatItEncrypts) {
  const auto key = RsaPublicKey::from_pem(file("spki.pem")).value();
  const auto cipher = key.encrypt_oaep(as_bytes("volume key")).value();
  ASSERT_EQ(cipher.size(), 256U);
  test::write_file(dir_ / "c", std::string(as_text(cipher)));
  ASSERT_EQ(run(dir_,
                "openssl pkeyutl -decrypt -inkey k.pem -in c -out p -pkeyopt "
                "rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt "
                "rsa_mgf1_md:sha256"),
            0);
  EXPECT_EQ(file("p"), "volume key");
}

TEST_F(RsaPublic, EncryptsUpToItsLimit) {
  const auto key = RsaPublicKey::from_pem(file("spki.pem")).value();
  EXPECT_TRUE(key.encrypt_oaep(as_bytes(std::string(256 - 66, 'x'))));
  EXPECT_FALSE(key.encrypt_oaep(as_bytes(std::string(256 - 65, 'x'))));
}

TEST_F(RsaPublic, RefusesPrivateKeysAndCertificates) {
  expect_refused(file("k.pem"), "'PRIVATE KEY', not a public key");
  ASSERT_EQ(run(dir_, "openssl req -x509 -key k.pem -subj /CN=x -out c.pem"), 0);
  expect_refused(file("c.pem"), "'CERTIFICATE', not a public key");
}

TEST_F(RsaPublic, RefusesOtherAlgorithms) {
  for (const char* algorithm : {"EC -pkeyopt ec_paramgen_curve:P-256", "ED25519",
                                "RSA-PSS -pkeyopt rsa_keygen_bits:2048"}) {
    ASSERT_EQ(run(dir_, std::string("openssl genpkey -out o.pem -algorithm ") + algorithm +
                            " && openssl pkey -in o.pem -pubout -out op.pem"),
              0);
    expect_refused(file("op.pem"), "not RSA");
  }
}

TEST_F(RsaPublic, RefusesWeakKeys) {
  ASSERT_EQ(run(dir_,
                "openssl genpkey -out w.pem -algorithm RSA -pkeyopt rsa_keygen_bits:1024 &&"
                "openssl pkey -in w.pem -pubout -out wp.pem"),
            0);
  expect_refused(file("wp.pem"), "1024 bits");
}

TEST_F(RsaPublic, RefusesNoise) {
  expect_refused("", "not a PEM file");
  expect_refused("-----BEGIN PUBLIC KEY-----\n", "not a PEM file");
  expect_refused("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", "malformed");
  expect_refused(std::string(300000, 'x'), "too large");
}

TEST_F(RsaPublic, RefusesEveryTruncation) {
  const std::string whole = file("spki.pem");
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7) {
    EXPECT_FALSE(RsaPublicKey::from_pem(whole.substr(0, size))) << size;
  }
}

TEST_F(RsaPublic, LeavesThePrivateHalfBehind) {
  const auto whole = RsaPrivateKey::from_pem(test::secret_file(dir_ / "k.pem"), nullptr).value();
  const auto half = RsaPublicKey::from_pkey(whole.pkey()).value();
  EXPECT_EQ(half.spki_pem().value(), file("spki.pem"));
  EXPECT_FALSE(RsaPublicKey::from_pkey(nullptr));
}

}  // namespace
}  // namespace sifguard
