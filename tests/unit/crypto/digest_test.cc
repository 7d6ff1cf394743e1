#include "keystore/crypto/digest.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

std::string hex(std::string_view text) {
  return to_hex(sha256(as_bytes(text)).value());
}

// The values are those of FIPS 180-4's examples.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesAreTheWhole) {
  Sha256 hash;
  hash.update(as_bytes("a"));
  hash.update({});
  hash.update(as_bytes("bc"));
  EXPECT_EQ(to_hex(hash.finish().value()), hex("abc"));
}

TEST(Sha256, FinishesOnce) {
  Sha256 hash;
  ASSERT_TRUE(hash.finish());
  const auto again = hash.finish();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), Code::internal);
}

}  // namespace
}  // namespace sifguard
