#include "keystore/crypto/token_key.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "tests/unit/crypto/softhsm.h"

namespace sifguard {
namespace {

const test::SoftHsm& token() {
  static const test::SoftHsm made;
  return made;
}

class TokenKey : public testing::Test {
 protected:
  void SetUp() override {
    if (!token().good()) GTEST_SKIP() << "NOT TESTED: needs root, softhsm2 and opensc";
  }
  static RsaPrivateKey key() {
    return RsaPrivateKey::in_token(token().uri(), token_public_key(token().uri()).value());
  }
};

TEST(TokenUri, IsCheckedBeforeAnythingIsAsked) {
  EXPECT_TRUE(check_token_uri("pkcs11:token=a;object=b?pin-source=file:/etc/sifguard/pin"));
  for (const std::string& bad :
       {std::string(), std::string("pkcs11"), std::string("PKCS11:a"), std::string("object=x"),
        std::string("pkcs11:a b"), std::string("pkcs11:a\ndecrypt"), std::string("pkcs11:\xff"),
        "pkcs11:object=" + std::string(2000, 'x'), std::string("pkcs11:object=x?pin-value=1")}) {
    const auto checked = check_token_uri(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code(), Code::usage);
    EXPECT_FALSE(token_public_key(bad));
    EXPECT_FALSE(token_decrypt_oaep(bad, {}));
  }
}

TEST_F(TokenKey, ThePublicHalfIsTheTokens) {
  const auto half = token_public_key(token().uri());
  ASSERT_TRUE(half) << half.error().line();
  EXPECT_EQ(half->spki_pem().value(), token().public_pem());
}

TEST_F(TokenKey, DecryptsWhatOpensslEncrypted) {
  const RsaPrivateKey in_token = key();
  EXPECT_EQ(in_token.bits(), 2048);
  EXPECT_TRUE(in_token.check());
  for (const std::string& plain : {std::string("x"), std::string(190, 'p')}) {
    const std::string cipher = token().encrypt(plain);
    ASSERT_EQ(cipher.size(), 256U);
    const auto opened = in_token.decrypt_oaep(as_bytes(cipher));
    ASSERT_TRUE(opened) << opened.error().line();
    EXPECT_EQ(as_text(opened->bytes()), plain);
  }
}

TEST_F(TokenKey, KeepsLabelsApart) {
  const RsaPrivateKey in_token = key();
  const auto cipher = in_token.public_key().value().encrypt_oaep(as_bytes("x"), "label").value();
  const auto opened = in_token.decrypt_oaep(cipher, "label");
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(as_text(opened->bytes()), "x");
  for (const char* const other : {"", "Label", "label "}) {
    const auto refused = in_token.decrypt_oaep(cipher, other);
    ASSERT_FALSE(refused) << other;
    EXPECT_EQ(refused.error().code(), Code::refused) << refused.error().line();
  }
}

TEST_F(TokenKey, GivesNothingAway) {
  for (const auto& given : {key().pkcs8_pem(), key().pkcs1_pem()}) {
    ASSERT_FALSE(given);
    EXPECT_EQ(given.error().code(), Code::wrong_state);
  }
  EXPECT_FALSE(RsaPrivateKey::from_pkey([] {
    const RsaPrivateKey in_token = key();
    EVP_PKEY* const pkey = in_token.handle();
    EVP_PKEY_up_ref(pkey);
    return Pkey(pkey);
  }()));
}

TEST_F(TokenKey, WhatIsNotForItIsRefusedAsEver) {
  const RsaPrivateKey in_token = key();
  std::string cipher = token().encrypt("secret");
  const auto refused = [&](const std::string& bad) {
    const auto opened = in_token.decrypt_oaep(as_bytes(bad));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), Code::refused) << opened.error().line();
    EXPECT_EQ(opened.error().what(), "cannot decrypt with this key");
  };
  refused("");
  refused(cipher.substr(1));
  refused(cipher + "x");
  for (const std::size_t at : {1U, 100U, 255U}) {
    std::string bad = cipher;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    refused(bad);
  }
  refused(std::string(256, '\0'));
  refused(std::string(256, '\xff'));  // larger than the modulus
}

TEST_F(TokenKey, TroubleWithTheTokenIsToldAsSuch) {
  const auto told = [](const std::string& uri, const std::string& words, Code code, Code kept) {
    const auto half = token_public_key(uri);
    ASSERT_FALSE(half) << uri;
    EXPECT_EQ(half.error().code(), code) << half.error().line();
    EXPECT_NE(half.error().what().find(words), std::string::npos) << half.error().what();
    const auto opened = token_decrypt_oaep(uri, std::vector<std::byte>(256));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), kept) << opened.error().line();
  };
  told(token().uri("other"), "no such RSA private key", Code::absent, Code::absent);
  told("pkcs11:token=sifguard-none;object=images", "no token fits", Code::unavailable,
       Code::unavailable);
  const std::string bare = token().uri().substr(0, token().uri().find('?'));
  told(bare, "wants a PIN", Code::usage, Code::config);
  told(bare + "?pin-source=file:/missing", "cannot open /missing", Code::absent, Code::absent);
  told("pkcs11:object=%zz", "not a PKCS#11 URI", Code::usage, Code::config);
}

}  // namespace
}  // namespace sifguard
