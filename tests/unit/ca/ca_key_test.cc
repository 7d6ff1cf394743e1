// Keys in a token: tests/cli/ca_token_test.sh, against openssl.
#include "keystore/ca/ca_key.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "keystore/ca/make_certificate.h"
#include "tests/unit/crypto/softhsm.h"

namespace sifguard {
namespace {

CaKey made(KeyAlgorithm algorithm) {
  return CaKey(generate_key(algorithm).value());
}

Certificate certificate_of(const CaKey& key) {
  CertificateOptions options;
  options.serial = "1234567890";
  options.subject = "/CN=Root";
  options.from = 1000000000;
  options.until = 2000000000;
  options.key = key.pkey();
  return make_root(options, key).value();
}

SecretBytes secret(const std::string& text) {
  return SecretBytes::copy_of(as_bytes(text)).value();
}

TEST(CaKey, SignsWithEveryAlgorithmThatACaHas) {
  for (const KeyAlgorithm algorithm :
       {KeyAlgorithm::p256, KeyAlgorithm::p384, KeyAlgorithm::ed25519, KeyAlgorithm::rsa3072}) {
    const CaKey key = made(algorithm);
    const std::string signature = key.sign("message").value();
    EXPECT_TRUE(is_signed(key.pkey(), "message", signature));
    EXPECT_FALSE(is_signed(key.pkey(), "massage", signature));
    EXPECT_FALSE(is_signed(key.pkey(), "message", signature.substr(1)));
    EXPECT_FALSE(is_signed(key.pkey(), "message", ""));
    EXPECT_FALSE(is_signed(made(algorithm).pkey(), "message", signature));
    EXPECT_EQ(X509_verify(certificate_of(key).get(), key.pkey()), 1);
  }
}

TEST(CaKey, OpensWhatItStoredWithItsOwnCertificateAlone) {
  const CaKey key = made(KeyAlgorithm::p256);
  const SecretBytes stored = key.stored().value();
  EXPECT_TRUE(CaKey::open(stored, certificate_of(key).get()));
  for (const CaKey& other : {made(KeyAlgorithm::p256), made(KeyAlgorithm::ed25519)}) {
    const auto opened = CaKey::open(stored, certificate_of(other).get());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), Code::config);
  }
  EXPECT_FALSE(CaKey::open(secret(""), certificate_of(key).get()));
  EXPECT_FALSE(CaKey::open(secret("pkcs1:x"), certificate_of(key).get()));
}

TEST(CaKey, InATokenItIsItsUri) {
  const CaKey root = made(KeyAlgorithm::p256);
  const std::string uri = "pkcs11:token=sifguard-none;object=x";
  const auto key = CaKey::open(secret(uri), certificate_of(root).get());
  ASSERT_TRUE(key) << key.error().line();
  EXPECT_EQ(key->token_uri(), uri);
  EXPECT_EQ(as_text(key->stored()->bytes()), uri);
  const auto signature = key->sign("message");
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code(), Code::unavailable) << signature.error().line();
  const Certificate certificate = certificate_of(root);
  const auto again = key->sign(certificate.get());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), Code::unavailable);
}

TEST(CaKey, ATokensKeyMustBeTheCertificates) {
  const test::SoftHsm token;
  if (!token.good()) GTEST_SKIP() << "NOT TESTED: needs root, softhsm2 and opensc";
  const auto key = CaKey::find_in_token(token.uri());
  ASSERT_TRUE(key) << key.error().line();
  const Certificate own = certificate_of(*key);
  EXPECT_EQ(X509_verify(own.get(), key->pkey()), 1);
  const CaKey other = made(KeyAlgorithm::rsa3072);
  const auto foreign = CaKey::open(secret(token.uri()), certificate_of(other).get());
  ASSERT_TRUE(foreign);
  const auto signature = foreign->sign("message");
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code(), Code::unavailable);
  EXPECT_NE(signature.error().what().find("does not fit"), std::string::npos);
  EXPECT_FALSE(CaKey::find_in_token(token.uri("none")));
  EXPECT_FALSE(CaKey::find_in_token("pkcs11:object=x?pin-value=1"));
}

}  // namespace
}  // namespace sifguard
