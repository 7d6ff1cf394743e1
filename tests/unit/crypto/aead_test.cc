#include "keystore/crypto/aead.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using test::secret;
using test::text;

SecretBytes key(char letter) {
  return secret(std::string(kAeadKeyBytes, letter));
}

TEST(Aead, GoesRound) {
  for (const std::size_t size : {0U, 1U, 16U, 1700U, 65536U}) {
    const std::string plain(size, 'p');
    const auto sealed = aead_seal(key('k'), secret(plain), as_bytes("context"));
    ASSERT_TRUE(sealed) << sealed.error().line();
    EXPECT_EQ(sealed->size(), size + kAeadNonceBytes + kAeadTagBytes);
    EXPECT_EQ(text(aead_open(key('k'), *sealed, as_bytes("context")).value()), plain);
  }
}

/// The McGrew-Viega test case 16 of the GCM specification.
TEST(Aead, OpensWhatTheSpecificationSeals) {
  const auto bytes = [](const char* hex) { return from_hex(hex).value(); };
  const auto k = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const auto context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto sealed = bytes(
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  const auto opened = aead_open(SecretBytes::copy_of(k).value(), sealed, context);
  ASSERT_TRUE(opened);
  EXPECT_EQ(to_hex(opened->bytes()),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST(Aead, ANonceIsNeverUsedTwice) {
  const auto one = aead_seal(key('k'), secret("same"), {}).value();
  const auto other = aead_seal(key('k'), secret("same"), {}).value();
  EXPECT_FALSE(std::equal(one.begin(), one.begin() + kAeadNonceBytes, other.begin()));
  EXPECT_NE(one, other);
}

TEST(Aead, AnyFlippedBitAndAnyTruncationIsRefused) {
  const auto sealed = aead_seal(key('k'), secret("a secret"), as_bytes("context")).value();
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    auto bad = sealed;
    bad[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
    const auto opened = aead_open(key('k'), bad, as_bytes("context"));
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error().code(), Code::refused);
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(aead_open(key('k'), std::span(sealed).first(size), as_bytes("context"))) << size;
  }
}

TEST(Aead, AnotherKeyOrContextIsRefused) {
  const auto sealed = aead_seal(key('k'), secret("a secret"), as_bytes("context")).value();
  EXPECT_FALSE(aead_open(key('l'), sealed, as_bytes("context")));
  for (const char* context : {"", "Context", "context ", "contex"}) {
    EXPECT_FALSE(aead_open(key('k'), sealed, as_bytes(context))) << context;
  }
  EXPECT_FALSE(aead_open(secret(std::string(16, 'k')), sealed, as_bytes("context")));
  EXPECT_FALSE(aead_seal(secret("short"), secret("x"), {}));
  EXPECT_FALSE(aead_seal(key('k'), secret(std::string(65537, 'x')), {}));
}

TEST(Aead, RandomSecretsDiffer) {
  const auto one = random_secret(32).value();
  const auto other = random_secret(32).value();
  EXPECT_EQ(one.size(), 32U);
  EXPECT_NE(text(one), text(other));
}

}  // namespace
}  // namespace sifguard
