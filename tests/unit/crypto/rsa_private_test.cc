#include <gtest/gtest.h>

#include "keystore/crypto/rsa.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using test::run;
using test::secret;
using test::secret_file;

class RsaPrivate : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run(dir_,
                  "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out k8.pem &&"
                  "openssl pkey -in k8.pem -traditional -out k1.pem &&"
                  "openssl pkey -in k8.pem -aes256 -passout pass:pw -out e8.pem &&"
                  "openssl pkey -in k8.pem -traditional -aes256 -passout pass:pw -out e1.pem &&"
                  "openssl pkey -in k8.pem -pubout -out pub.pem"),
              0)
        << test::read_file(dir_ / "log");
  }
  [[nodiscard]] Result<RsaPrivateKey> load(const std::string& name,
                                           const SecretBytes* password = nullptr) const {
    return RsaPrivateKey::from_pem(secret_file(dir_ / name), password);
  }
  void expect_refused(const std::string& name, const SecretBytes* password,
                      const std::string& words) const {
    const auto key = load(name, password);
    ASSERT_FALSE(key) << name;
    EXPECT_EQ(key.error().code(), Code::refused);
    EXPECT_NE(key.error().what().find(words), std::string::npos) << key.error().line();
  }
  test::TempDir dir_;
};

TEST_F(RsaPrivate, ReadsEveryForm) {
  const SecretBytes password = secret("pw");
  for (const char* name : {"k8.pem", "k1.pem", "e8.pem", "e1.pem"}) {
    const auto key = load(name, name[0] == 'e' ? &password : nullptr);
    ASSERT_TRUE(key) << name << ": " << key.error().line();
    EXPECT_TRUE(key->check());
    EXPECT_EQ(key->public_key().value().spki_pem().value(), test::read_file(dir_ / "pub.pem"));
  }
}

TEST_F(RsaPrivate, APasswordIsNotProvedByAKeyThatIsNotEncrypted) {
  const SecretBytes password = secret("pw");
  const SecretBytes empty;
  for (const char* name : {"k8.pem", "k1.pem"}) {
    expect_refused(name, &password, "is not encrypted, so the password proves nothing");
    expect_refused(name, &empty, "is not encrypted, so the password proves nothing");
  }
}

TEST_F(RsaPrivate, WritesWhatOpensslWrites) {
  const auto key = load("k1.pem").value();
  EXPECT_EQ(test::text(key.pkcs8_pem().value()), test::read_file(dir_ / "k8.pem"));
  EXPECT_EQ(test::text(key.pkcs1_pem().value()), test::read_file(dir_ / "k1.pem"));
}

TEST_F(RsaPrivate, TellsAMissingPasswordFromAWrongOne) {
  const SecretBytes wrong = secret("wrong");
  const SecretBytes empty;
  for (const char* name : {"e8.pem", "e1.pem"}) {
    expect_refused(name, nullptr, "no password was given");
    expect_refused(name, &wrong, "wrong password");
    expect_refused(name, &empty, "wrong password");
  }
}

TEST_F(RsaPrivate, FindsTheKeyBehindACertificate) {
  ASSERT_EQ(run(dir_,
                "openssl req -x509 -key k8.pem -subj /CN=x -out c.pem && "
                "cat c.pem k1.pem > both.pem"),
            0);
  EXPECT_TRUE(load("both.pem"));
  expect_refused("c.pem", nullptr, "no private key");
}

TEST_F(RsaPrivate, RefusesTwoKeys) {
  ASSERT_EQ(run(dir_, "cat k8.pem k1.pem > two.pem"), 0);
  expect_refused("two.pem", nullptr, "more than one private key");
}

TEST_F(RsaPrivate, RefusesOtherAlgorithms) {
  ASSERT_EQ(run(dir_,
                "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem;"
                "openssl pkey -in ec.pem -traditional -out ec1.pem;"
                "openssl genpkey -algorithm ED25519 -out ed.pem;"
                "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out p.pem"),
            0);
  expect_refused("ec.pem", nullptr, "EC, not RSA");
  expect_refused("ec1.pem", nullptr, "EC, not RSA");
  expect_refused("ed.pem", nullptr, "ED25519, not RSA");
  expect_refused("p.pem", nullptr, "RSA-PSS, not RSA");
}

TEST_F(RsaPrivate, RefusesOpenSshKeysWithAdvice) {
  test::write_file(
      dir_ / "ssh.pem",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
  const auto key = load("ssh.pem");
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().remedy().find("ssh-keygen"), std::string::npos);
}

TEST_F(RsaPrivate, RefusesWeakKeys) {
  ASSERT_EQ(run(dir_, "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out w.pem"),
            0);
  expect_refused("w.pem", nullptr, "1024 bits");
}

TEST_F(RsaPrivate, RefusesPublicKeysAndNoise) {
  expect_refused("pub.pem", nullptr, "no private key");
  test::write_file(dir_ / "noise", "hello");
  expect_refused("noise", nullptr, "no private key");
  test::write_file(dir_ / "bad", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n");
  expect_refused("bad", nullptr, "malformed");
}

TEST_F(RsaPrivate, RefusesEveryTruncation) {
  for (const char* name : {"k8.pem", "k1.pem"}) {
    const std::string whole = test::read_file(dir_ / name);
    for (std::size_t size = 0; size + 2 < whole.size(); size += 61) {
      EXPECT_FALSE(RsaPrivateKey::from_pem(secret(whole.substr(0, size)), nullptr)) << size;
    }
  }
}

TEST_F(RsaPrivate, CheckNoticesADamagedKey) {
  // Flip one bit of the last number (the CRT coefficient) of the PKCS#1 structure.
  ASSERT_EQ(run(dir_, "openssl rsa -in k1.pem -traditional -outform DER -out k.der"), 0);
  std::string der = test::read_file(dir_ / "k.der");
  der.back() = static_cast<char>(der.back() ^ 2);
  test::write_file(dir_ / "k.der", der);
  ASSERT_EQ(run(dir_,
                "(echo '-----BEGIN RSA PRIVATE KEY-----'; base64 k.der; "
                "echo '-----END RSA PRIVATE KEY-----') > damaged.pem"),
            0);
  const auto key = load("damaged.pem");
  ASSERT_TRUE(key) << key.error().line();
  const auto sound = key->check();
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().code(), Code::refused);
}

TEST_F(RsaPrivate, DecryptsWhatOpensslEncrypts) {
  test::write_file(dir_ / "p", "volume key");
  ASSERT_EQ(run(dir_,
                "openssl pkeyutl -encrypt -pubin -inkey pub.pem -in p -out c -pkeyopt "
                "rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256"),
            0);
  const auto key = load("k8.pem").value();
  const std::string cipher = test::read_file(dir_ / "c");
  EXPECT_EQ(test::text(key.decrypt_oaep(as_bytes(cipher)).value()), "volume key");
}

TEST_F(RsaPrivate, EveryDecryptionFailureLooksTheSame) {
  const auto key = load("k8.pem").value();
  const auto other = RsaPrivateKey::generate(2048).value();
  const auto good = key.public_key().value().encrypt_oaep(as_bytes("x")).value();
  auto flipped = good;
  flipped[100] ^= std::byte{1};
  test::write_file(dir_ / "p", "x");
  ASSERT_EQ(run(dir_,
                "openssl pkeyutl -encrypt -pubin -inkey pub.pem -in p -out sha1 -pkeyopt "
                "rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 &&"
                "openssl pkeyutl -encrypt -pubin -inkey pub.pem -in p -out v15"),
            0);
  const std::string sha1 = test::read_file(dir_ / "sha1");
  const std::string v15 = test::read_file(dir_ / "v15");
  const std::vector<std::byte> longer(257), zeros(256), ones(256, std::byte{0xFF});
  const std::vector<Result<SecretBytes>> results = [&] {
    std::vector<Result<SecretBytes>> all;
    all.push_back(other.decrypt_oaep(good));
    all.push_back(key.decrypt_oaep(flipped));
    all.push_back(key.decrypt_oaep(as_bytes(sha1)));
    all.push_back(key.decrypt_oaep(as_bytes(v15)));
    all.push_back(key.decrypt_oaep(std::span(good).first(255)));
    all.push_back(key.decrypt_oaep(longer));
    all.push_back(key.decrypt_oaep(zeros));
    all.push_back(key.decrypt_oaep(ones));
    all.push_back(key.decrypt_oaep({}));
    return all;
  }();
  for (const auto& result : results) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Code::refused);
    EXPECT_EQ(result.error().line(), results[0].error().line());
  }
  EXPECT_TRUE(key.decrypt_oaep(good));
}

TEST_F(RsaPrivate, DecryptsAnEmptyMessage) {
  const auto key = load("k8.pem").value();
  const auto cipher = key.public_key().value().encrypt_oaep({}).value();
  EXPECT_EQ(key.decrypt_oaep(cipher).value().size(), 0U);
}

TEST_F(RsaPrivate, GeneratesSizesItReads) {
  const auto key = RsaPrivateKey::generate(2048).value();
  EXPECT_EQ(key.bits(), 2048);
  EXPECT_TRUE(key.check());
  EXPECT_TRUE(RsaPrivateKey::from_pem(key.pkcs1_pem().value(), nullptr));
  for (const int bits : {-1, 0, 1024, 2047, 2050, 8200, 1 << 30}) {
    const auto bad = RsaPrivateKey::generate(bits);
    ASSERT_FALSE(bad) << bits;
    EXPECT_EQ(bad.error().code(), Code::usage);
  }
}

}  // namespace
}  // namespace sifguard
