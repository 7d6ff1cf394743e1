// Signatures are held against `openssl dgst` and `openssl pkeyutl`.
#include "keystore/crypto/signing_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/crypto/private_pem.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using test::run;
using test::secret;
using testing::HasSubstr;

constexpr const char* kMakeKeys =
    "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem &&"
    "openssl pkey -in rsa.pem -traditional -out rsa1.pem &&"
    "for c in 256 384 521; do"
    "  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-$c -out ec$c.pem; done &&"
    "openssl pkey -in ec256.pem -traditional -out sec1.pem &&"
    "openssl ecparam -name prime256v1 -genkey -out param.pem &&"
    "openssl pkey -in ec384.pem -traditional -aes128 -passout pass:pw -out sec1e.pem &&"
    "openssl pkey -in ec256.pem -aes256 -passout pass:pw -out ec8e.pem &&"
    "openssl genpkey -algorithm ED25519 -out ed.pem &&"
    "openssl pkey -in ed.pem -aes256 -passout pass:pw -out ede.pem";

class Signing : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run(dir_, kMakeKeys), 0) << test::read_file(dir_ / "log"); }
  [[nodiscard]] Result<SigningKey> load(const std::string& name,
                                        const SecretBytes* passphrase = nullptr) const {
    return SigningKey::from_pem(test::secret_file(dir_ / name), passphrase);
  }
  void expect_refused(const std::string& name, const SecretBytes* passphrase,
                      const std::string& words) const {
    const auto key = load(name, passphrase);
    ASSERT_FALSE(key) << name;
    EXPECT_EQ(key.error().code(), Code::refused);
    EXPECT_THAT(key.error().what(), HasSubstr(words));
  }
  /// Whether openssl takes the key's signature of "message".
  [[nodiscard]] bool openssl_verifies(const std::string& name, const SigningKey& key) const {
    const auto signature = key.sign("message");
    EXPECT_TRUE(signature) << signature.error().line();
    test::write_file(dir_ / "sig", *signature);
    test::write_file(dir_ / "message", "message");
    EXPECT_EQ(run(dir_, "openssl pkey -pubout -out pub -in " + name), 0);
    const bool pure = name.starts_with("ed");
    return run(dir_, pure ? "openssl pkeyutl -verify -pubin -inkey pub -rawin -in message "
                            "-sigfile sig"
                          : "openssl dgst -sha256 -verify pub -signature sig message") == 0;
  }
  test::TempDir dir_;
};

TEST_F(Signing, FitsWhatOpensslVerifies) {
  for (const char* name : {"rsa.pem", "rsa1.pem", "ec256.pem", "ec384.pem", "ec521.pem", "sec1.pem",
                           "param.pem", "ed.pem"}) {
    const auto key = load(name);
    ASSERT_TRUE(key) << name << ": " << key.error().line();
    EXPECT_TRUE(openssl_verifies(name, *key)) << name;
    EXPECT_TRUE(key->public_half().fingerprint().starts_with("SHA256:"));
  }
}

TEST_F(Signing, OpensEncryptedKeys) {
  const SecretBytes passphrase = secret("pw");
  const SecretBytes wrong = secret("wrong");
  for (const char* name : {"sec1e.pem", "ec8e.pem", "ede.pem"}) {
    EXPECT_TRUE(is_encrypted_pem(test::secret_file(dir_ / name)));
    EXPECT_TRUE(load(name, &passphrase)) << name;
    expect_refused(name, &wrong, "wrong password");
    expect_refused(name, nullptr, "no password was given");
  }
  EXPECT_FALSE(is_encrypted_pem(test::secret_file(dir_ / "ed.pem")));
}

TEST_F(Signing, NamesACipherThatThisOpensslLacks) {
  ASSERT_EQ(run(dir_,
                "openssl pkcs8 -topk8 -provider legacy -provider default -v1 PBE-SHA1-RC2-40 "
                "-passout pass:pw -in ec256.pem -out rc2.pem"),
            0)
      << test::read_file(dir_ / "log");
  const SecretBytes right = secret("pw");
  const SecretBytes wrong = secret("wrong");
  expect_refused("rc2.pem", &right, "unsupported cipher");
  expect_refused("rc2.pem", &wrong, "unsupported cipher");
}

// Of 256 wrong passwords one ends in a padding that fits, and OpenSSL then reads noise.
TEST_F(Signing, SaysWrongPasswordOfEachWrongPassword) {
  for (int i = 0; i < 2000; ++i) {
    const SecretBytes wrong = secret("wrong" + std::to_string(i));
    const auto key = load("sec1e.pem", &wrong);
    ASSERT_FALSE(key) << i;
    ASSERT_THAT(key.error().what(), HasSubstr("wrong password")) << i;
  }
}

TEST_F(Signing, RefusesKeysThatNobodyWouldVerifyWith) {
  ASSERT_EQ(run(dir_,
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short.pem &&"
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt"
                " rsa_keygen_pubexp:3 -out e3.pem &&"
                "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.pem &&"
                "openssl ecparam -name secp256k1 -genkey -noout -out k.pem &&"
                "openssl ecparam -name prime256v1 -genkey -noout -param_enc explicit -out x.pem &&"
                "openssl genpkey -algorithm ED448 -out ed448.pem &&"
                "openssl genpkey -algorithm X25519 -out x25519.pem"),
            0)
      << test::read_file(dir_ / "log");
  expect_refused("short.pem", nullptr, "the RSA key has 1024 bits");
  expect_refused("e3.pem", nullptr, "exponent is less than 65537");
  expect_refused("pss.pem", nullptr, "RSA-PSS");
  expect_refused("k.pem", nullptr, "secp256k1");
  expect_refused("x.pem", nullptr, "");
  expect_refused("ed448.pem", nullptr, "ED448");
  expect_refused("x25519.pem", nullptr, "X25519");
}

TEST_F(Signing, RefusesWhatIsNoPrivateKey) {
  ASSERT_EQ(run(dir_,
                "openssl pkey -in ed.pem -pubout -out pub.pem && : >empty.pem && "
                "head -c 60 ed.pem >cut.pem && cat ed.pem ec256.pem >two.pem"),
            0);
  expect_refused("pub.pem", nullptr, "no private key");
  expect_refused("empty.pem", nullptr, "no private key");
  expect_refused("cut.pem", nullptr, "malformed or truncated");
  expect_refused("two.pem", nullptr, "more than one private key");
}

TEST_F(Signing, NoticesThatTheHalvesDoNotFit) {
  // SEC 1 of one key with the public half of another.
  ASSERT_EQ(run(dir_,
                "openssl ec -in sec1.pem -outform DER -out a.der && "
                "openssl ec -in param.pem -outform DER -out b.der && "
                "{ head -c 57 a.der; tail -c 64 b.der; } >mixed.der && "
                "{ echo '-----BEGIN EC PRIVATE KEY-----'; openssl base64 -in mixed.der; "
                "echo '-----END EC PRIVATE KEY-----'; } >mixed.pem"),
            0)
      << test::read_file(dir_ / "log");
  const auto key = load("mixed.pem");
  if (!key) return;  // OpenSSL may see it when it reads the key
  const auto signature = key->sign("message");
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code(), Code::refused);
  EXPECT_THAT(signature.error().what(), HasSubstr("does not fit its public half"));
}

}  // namespace
}  // namespace sifguard
