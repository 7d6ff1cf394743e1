// Sealed keys: they open with the right key and context, and in no other way.
#include "helper/release/sealed_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "keystore/crypto/aead.h"
#include "tests/unit/release/test_keys.h"

namespace sifguard {
namespace {

using test::long_term_key;
using test::other_key;
using test::secret_of;
using test::text_of;

constexpr std::string_view kContext = "digest of an image";
constexpr std::string_view kSecret = "-----BEGIN RSA PRIVATE KEY-----";

const std::vector<std::byte>& sealed_secret() {
  static const std::vector<std::byte> sealed =
      *seal(secret_of(kSecret), long_term_key().public_key(), kContext);
  return sealed;
}

void expect_closed(std::span<const std::byte> sealed, std::string_view context,
                   const std::string& why) {
  const RsaPrivateKey key = long_term_key().key();
  const auto secret = unseal(sealed, key, context);
  ASSERT_FALSE(secret) << why;
  EXPECT_EQ(secret.error().code(), Code::refused) << why;
}

TEST(Seal, OpensAgain) {
  const auto secret = unseal(sealed_secret(), long_term_key().key(), kContext);
  ASSERT_TRUE(secret) << secret.error().what();
  EXPECT_EQ(text_of(*secret), kSecret);
}

TEST(Seal, HasTheFormatOfItsHeader) {
  EXPECT_EQ(sealed_secret().size(), long_term_key().block() + 12 + kSecret.size() + 16);
  // The data key is one RSA-OAEP block that openssl opens too, with the label.
  const std::string block(as_text(std::span(sealed_secret()).first(long_term_key().block())));
  EXPECT_EQ(long_term_key().decrypt(block, "sifguard sealed key").size(), 32U);
}

TEST(Seal, AnEmptySecretOpensAgain) {
  const auto sealed = seal(*SecretBytes::allocate(0), long_term_key().public_key(), kContext);
  ASSERT_TRUE(sealed);
  const auto secret = unseal(*sealed, long_term_key().key(), kContext);
  ASSERT_TRUE(secret);
  EXPECT_TRUE(secret->empty());
}

TEST(Seal, NeverShowsTheSecretAndNeverRepeats) {
  const auto again = seal(secret_of(kSecret), long_term_key().public_key(), kContext);
  ASSERT_TRUE(again);
  EXPECT_NE(*again, sealed_secret());
  EXPECT_EQ(as_text(*again).find("RSA PRIVATE"), std::string_view::npos);
}

TEST(Seal, ATooLargeSecretIsAnError) {
  const auto sealed = seal(*SecretBytes::allocate(16385), long_term_key().public_key(), kContext);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code(), Code::internal);
}

TEST(Unseal, EveryFlippedByteIsRefused) {
  const RsaPrivateKey key = long_term_key().key();
  for (std::size_t i = 0; i < sealed_secret().size(); ++i) {
    std::vector<std::byte> bad = sealed_secret();
    bad[i] ^= std::byte{0x10};
    const auto secret = unseal(bad, key, kContext);
    ASSERT_FALSE(secret) << "byte " << i;
    EXPECT_EQ(secret.error().code(), Code::refused);
  }
}

TEST(Unseal, EveryTruncationIsRefused) {
  const RsaPrivateKey key = long_term_key().key();
  const std::vector<std::byte> good = sealed_secret();
  for (std::size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(unseal(std::span(good).first(size), key, kContext)) << size;
  }
}

TEST(Unseal, WhatIsAppendedIsRefused) {
  std::vector<std::byte> longer = sealed_secret();
  longer.push_back(std::byte{0});
  expect_closed(longer, kContext, "a byte more");
  longer.resize(1U << 20U);
  expect_closed(longer, kContext, "a megabyte");
}

TEST(Unseal, AnotherContextIsRefused) {
  expect_closed(sealed_secret(), "digest of another image", "another image");
  expect_closed(sealed_secret(), "", "no context");
  expect_closed(sealed_secret(), std::string(kContext) + " ", "a longer context");
}

TEST(Seal, OpensToNobodyAsAVolumeKey) {
  const auto block = std::span(sealed_secret()).first(long_term_key().block());
  EXPECT_FALSE(long_term_key().key().decrypt_oaep(block));
  EXPECT_FALSE(long_term_key().key().decrypt_oaep(block, "another label"));
  EXPECT_TRUE(long_term_key().key().decrypt_oaep(block, "sifguard sealed key"));
}

TEST(Unseal, AVolumeKeyIsNoDataKey) {
  const std::string wrapped = long_term_key().encrypt(std::string(32, 'k'));
  std::vector<std::byte> forged = sealed_secret();
  std::copy(as_bytes(wrapped).begin(), as_bytes(wrapped).end(), forged.begin());
  expect_closed(forged, kContext, "wrapped without the label");
}

TEST(Unseal, AnotherKeyIsRefused) {
  const auto secret = unseal(sealed_secret(), other_key().key(), kContext);
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code(), Code::refused);
}

TEST(Unseal, PartsOfTwoSealedKeysDoNotMix) {
  const auto other = *seal(secret_of(kSecret), long_term_key().public_key(), kContext);
  std::vector<std::byte> mixed = sealed_secret();
  const auto block = static_cast<std::ptrdiff_t>(long_term_key().block());
  std::copy(other.begin(), other.begin() + block, mixed.begin());
  expect_closed(mixed, kContext, "the data key of another");
}

constexpr std::string_view kMagic = "SGSEAL2\n";

const std::vector<std::byte>& stored_secret() {
  static const std::vector<std::byte> sealed =
      *seal(secret_of(kSecret), long_term_key().stored(), kContext);
  return sealed;
}

void expect_closed_to(const StoredPrivateKey& key, std::span<const std::byte> sealed,
                      std::string_view context, const std::string& why) {
  const auto secret = unseal(sealed, key, context);
  ASSERT_FALSE(secret) << why;
  EXPECT_EQ(secret.error().code(), Code::refused) << why;
}

/// The key as it is stored, with something else in its record or its private half.
StoredPrivateKey changed(const std::function<void(KeyEntry&)>& change) {
  KeyEntry entry;
  entry.record.id = long_term_key().stored().id();
  entry.private_half = *long_term_key().key().pkcs8_pem();
  change(entry);
  return {std::move(entry), "keys"};
}

TEST(SealStored, OpensAgainWithoutRsa) {
  EXPECT_EQ(stored_secret().size(), kMagic.size() + 12 + kSecret.size() + 16);
  EXPECT_TRUE(as_text(stored_secret()).starts_with(kMagic));
  const auto secret = unseal(stored_secret(), long_term_key().stored(), kContext);
  ASSERT_TRUE(secret) << secret.error().what();
  EXPECT_EQ(text_of(*secret), kSecret);
  // As OpenSSL would not take it apart, nobody asked it to.
  const auto odd = changed([](KeyEntry& entry) { entry.private_half = secret_of("no PEM"); });
  const auto sealed = seal(secret_of(kSecret), odd, kContext);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(text_of(*unseal(*sealed, odd, kContext)), kSecret);
}

/// `openssl kdf`: HKDF of others gives the key that AES-256-GCM opens it with.
TEST(SealStored, IsSealedAsItsHeaderSays) {
  const test::TempDir directory;
  const StoredPrivateKey key = long_term_key().stored();
  const std::string use = "sifguard sealed key\n" + key.id() + "\n" + std::string(kContext);
  const auto pem = *long_term_key().key().pkcs8_pem();
  test::must_run("openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:" +
                 to_hex(pem.bytes()) + " -kdfopt hexinfo:" + to_hex(as_bytes(use)) +
                 " -binary -out " + (directory / "key") + " HKDF");
  const auto secret =
      aead_open(secret_of(test::read_file(directory / "key")),
                std::span(stored_secret()).subspan(kMagic.size()), as_bytes(kContext));
  ASSERT_TRUE(secret);
  EXPECT_EQ(text_of(*secret), kSecret);
}

TEST(SealStored, NeverRepeats) {
  EXPECT_NE(*seal(secret_of(kSecret), long_term_key().stored(), kContext), stored_secret());
}

TEST(SealStored, ATooLargeSecretIsAnError) {
  const auto sealed = seal(*SecretBytes::allocate(16385), long_term_key().stored(), kContext);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code(), Code::internal);
}

TEST(UnsealStored, EveryFlippedByteIsRefused) {
  const StoredPrivateKey key = long_term_key().stored();
  for (std::size_t i = 0; i < stored_secret().size(); ++i) {
    std::vector<std::byte> bad = stored_secret();
    bad[i] ^= std::byte{0x10};
    ASSERT_NO_FATAL_FAILURE(expect_closed_to(key, bad, kContext, "byte " + std::to_string(i)));
  }
}

TEST(UnsealStored, EveryTruncationAndWhatIsAppendedIsRefused) {
  const StoredPrivateKey key = long_term_key().stored();
  for (std::size_t size = 0; size < stored_secret().size(); ++size) {
    ASSERT_FALSE(unseal(std::span(stored_secret()).first(size), key, kContext)) << size;
  }
  std::vector<std::byte> longer = stored_secret();
  longer.push_back(std::byte{0});
  expect_closed_to(key, longer, kContext, "a byte more");
  longer.resize(1U << 20U);
  expect_closed_to(key, longer, kContext, "a megabyte");
}

TEST(UnsealStored, AnotherContextKeyOrPrivateHalfIsRefused) {
  expect_closed_to(long_term_key().stored(), stored_secret(), "digest of another image", "image");
  expect_closed_to(long_term_key().stored(), stored_secret(), "", "no context");
  expect_closed_to(other_key().stored(), stored_secret(), kContext, "another key");
  const auto renamed = changed([](KeyEntry& entry) { entry.record.id = std::string(64, '1'); });
  expect_closed_to(renamed, stored_secret(), kContext, "under another key's name");
  const auto moved =
      changed([](KeyEntry& entry) { entry.private_half = *other_key().key().pkcs8_pem(); });
  expect_closed_to(moved, stored_secret(), kContext, "another private half");
}

TEST(UnsealStored, WithoutThePrivateHalfNothingOpens) {
  const auto destroyed = changed([](KeyEntry& entry) { entry.private_half = SecretBytes(); });
  EXPECT_FALSE(unseal(stored_secret(), destroyed, kContext));
  EXPECT_FALSE(seal(secret_of(kSecret), destroyed, kContext));
  // Nor with what the keystore says of a key in a token, which is no secret.
  const auto in_token = changed([](KeyEntry& entry) { entry.record.token = "pkcs11:object=x"; });
  expect_closed_to(in_token, stored_secret(), kContext, "a key in a token");
}

TEST(UnsealStored, WhatWasSealedByRsaIsStillRead) {
  const auto secret = unseal(sealed_secret(), long_term_key().stored(), kContext);
  ASSERT_TRUE(secret) << secret.error().what();
  EXPECT_EQ(text_of(*secret), kSecret);
  expect_closed_to(other_key().stored(), sealed_secret(), kContext, "another key");
  expect_closed_to(long_term_key().stored(), sealed_secret(), "another", "another image");
}

}  // namespace
}  // namespace sifguard
