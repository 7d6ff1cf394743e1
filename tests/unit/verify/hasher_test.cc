// Digests against OpenSSL's one-shot digests.
#include "helper/verify/sandbox/hasher.h"

#include <gtest/gtest.h>

#include "keystore/base/text.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

std::string shown(const std::optional<Digest>& digest, const char* name) {
  return digest ? std::string(name) + ":" + to_hex(digest->value) : "none";
}

TEST(Hasher, AgreesWithOpenssl) {
  ASSERT_TRUE(prepare_digests());
  Hasher hasher(DigestAlgorithm::sha384);
  hasher.update(as_bytes("ab"));
  hasher.update(as_bytes("c"));
  EXPECT_EQ(shown(*hasher.finish(), "sha384"), test::hex_digest("abc", "sha384"));
  EXPECT_FALSE(hasher.finish());  // once only
}

TEST(DigestAlgorithm, HasExactNames) {
  EXPECT_EQ(digest_algorithm("sha256"), DigestAlgorithm::sha256);
  EXPECT_EQ(digest_algorithm("sha512"), DigestAlgorithm::sha512);
  for (const char* const name : {"SHA256", "sha-256", "sha1", "sha224", "", "sha256 "}) {
    EXPECT_FALSE(digest_algorithm(name)) << name;
  }
}

}  // namespace
}  // namespace sifguard
