// Argon2id by whichever library it is: the values of OpenSSL 3.5 and libargon2, which agree.
#include "helper/imagefs/argon2.h"

#include <gtest/gtest.h>

#include <string>

#include "keystore/base/text.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

std::string derived(const Argon2Cost& cost) {
  const std::string salt = "0123456789abcdef0123456789abcdef";
  const auto key = argon2id(test::secret("password"), as_bytes(salt), cost, 64);
  return key ? to_hex(key->bytes()) : key.error().line();
}

TEST(Argon2id, HasTheKnownValues) {
  EXPECT_EQ(derived({4, 1024, 2}),
            "50044c594e5e93723dc9ccdb0ca03d9a511eed626d59756a18eeab59f6370b37"
            "d0b9ad6a4826464102a5aa8df0d4e6f65ff557cb4a420064425c22d2930096b1");
  EXPECT_EQ(derived({1, 32, 4}),
            "dc17946b77879e96149a2008dd664d0e4a3887075e5188deb9a24bd90587ba43"
            "9b3a1087ae0e9c7f97e5f3a160b1b2d27b92549bf4cddafc0f68473707528acb");
}

TEST(Argon2id, EachPartOfTheCostCounts) {
  const std::string key = derived({4, 1024, 2});
  EXPECT_NE(derived({5, 1024, 2}), key);
  EXPECT_NE(derived({4, 1032, 2}), key);
  EXPECT_NE(derived({4, 1024, 1}), key);
}

}  // namespace
}  // namespace sifguard
