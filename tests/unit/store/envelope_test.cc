#include "keystore/store/envelope.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

StoreKey key(char letter) {
  StoreKey made;
  made.secret = SecretBytes::copy_of(as_bytes(std::string(kStoreKeyBytes, letter))).value();
  made.id = store_key_id(made.secret).value();
  return made;
}

std::vector<std::byte> sealed() {
  const auto plain = SecretBytes::copy_of(as_bytes("private half")).value();
  return seal_envelope(key('k'), plain, "meta").value();
}

TEST(Envelope, GoesRound) {
  const auto envelope = sealed();
  EXPECT_TRUE(as_text(envelope).starts_with("SGPRIV1\n"));
  EXPECT_EQ(envelope_key_id(envelope).value(), key('k').id);
  const auto opened = open_envelope(key('k'), envelope, "meta");
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(as_text(opened->bytes()), "private half");
}

TEST(Envelope, TheIdTellsKeysApart) {
  EXPECT_EQ(key('k').id.size(), 16U);
  EXPECT_EQ(key('k').id, key('k').id);
  EXPECT_NE(key('k').id, key('l').id);
  const auto opened = open_envelope(key('l'), sealed(), "meta");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().what(), "encrypted under another store key, " + key('k').id);
}

TEST(Envelope, AnotherMetaIsRefused) {
  for (const char* meta : {"", "Meta", "meta\n", "met"}) {
    const auto opened = open_envelope(key('k'), sealed(), meta);
    ASSERT_FALSE(opened) << meta;
    EXPECT_EQ(opened.error().code(), Code::refused);
    EXPECT_NE(opened.error().what().find("does not belong to the meta.json"), std::string::npos);
  }
}

TEST(Envelope, AnyFlippedBitAndAnyTruncationIsRefused) {
  const auto envelope = sealed();
  for (std::size_t i = 0; i < envelope.size() * 8; ++i) {
    auto bad = envelope;
    bad[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
    EXPECT_FALSE(open_envelope(key('k'), bad, "meta")) << i;
  }
  for (std::size_t size = 0; size < envelope.size(); ++size) {
    EXPECT_FALSE(open_envelope(key('k'), std::span(envelope).first(size), "meta")) << size;
  }
  for (const std::size_t size : {0U, 8U, 16U, 43U}) {
    const auto id = envelope_key_id(std::span(envelope).first(size));
    ASSERT_FALSE(id);
    EXPECT_NE(id.error().what().find("truncated"), std::string::npos);
  }
}

}  // namespace
}  // namespace sifguard
