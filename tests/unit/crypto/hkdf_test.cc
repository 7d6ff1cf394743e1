// HKDF-SHA256: the vectors of RFC 5869 that have no salt, and `openssl kdf`.
#include "keystore/crypto/hkdf.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

std::string derived(const std::string& from, std::string_view use) {
  const auto key = hkdf_sha256(*SecretBytes::copy_of(as_bytes(from)), use);
  return key ? to_hex(key->bytes()) : key.error().line();
}

TEST(Hkdf, GivesTheStartOfRfc5869sThirdVector) {
  EXPECT_EQ(derived(std::string(22, '\x0b'), ""),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(Hkdf, EachUseAndEachSecretHasItsOwnKey) {
  const std::string secret(32, 's');
  EXPECT_EQ(derived(secret, "a"), derived(secret, "a"));
  EXPECT_NE(derived(secret, "a"), derived(secret, "b"));
  EXPECT_NE(derived(secret, "a"), derived(secret + "s", "a"));
  EXPECT_NE(derived(secret, "a"), derived(secret, std::string_view("a\0", 2)));
}

}  // namespace
}  // namespace sifguard
