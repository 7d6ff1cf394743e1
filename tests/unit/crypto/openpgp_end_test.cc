#include "keystore/crypto/openpgp_end.h"

#include <gtest/gtest.h>

#include <utility>

namespace sifguard {
namespace {

OpenPgpSubkey part(std::int64_t expires, bool signs, bool revoked = false) {
  OpenPgpSubkey made;
  made.expires = expires;
  made.can_sign = signs;
  made.revoked = revoked;
  return made;
}

OpenPgpKey key(std::int64_t expires, std::vector<OpenPgpSubkey> parts) {
  OpenPgpKey made;
  made.expires = expires;
  made.parts = std::move(parts);
  return made;
}

TEST(OpenPgpEnd, OfAKeyThatSignsByItselfIsItsOwn) {
  EXPECT_EQ(end_of(key(0, {part(0, true)})), 0);
  EXPECT_EQ(end_of(key(50, {part(50, true), part(20, true)})), 50);
}

TEST(OpenPgpEnd, OfACertifyingKeyIsThatOfItsLastSubkey) {
  EXPECT_EQ(end_of(key(0, {part(0, false), part(20, true), part(30, true)})), 30);
  EXPECT_EQ(end_of(key(25, {part(25, false), part(20, true), part(30, true)})), 25);
  EXPECT_EQ(end_of(key(0, {part(0, false), part(20, true), part(0, true)})), 0);
}

TEST(OpenPgpEnd, CountsNeitherWhatIsRevokedNorWhatEncrypts) {
  EXPECT_EQ(end_of(key(0, {part(0, false), part(20, true), part(30, true, true)})), 20);
  EXPECT_EQ(end_of(key(0, {part(0, false), part(20, true), part(0, false)})), 20);
  EXPECT_EQ(end_of(key(40, {part(40, false), part(20, true, true)})), 40);
}

TEST(OpenPgpEnd, AKeyWithoutASigningPartCannotSign) {
  EXPECT_FALSE(can_sign(key(0, {part(0, false), part(20, false)})));
  EXPECT_FALSE(can_sign(key(0, {})));
  EXPECT_TRUE(can_sign(key(0, {part(0, false), part(20, true, true)})));
}

}  // namespace
}  // namespace sifguard
