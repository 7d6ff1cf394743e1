// Digests, and the single pass over objects, against OpenSSL's one-shot digests.
#include "helper/verify/hasher.h"

#include <gtest/gtest.h>

#include "keystore/base/text.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

std::string shown(const std::optional<Digest>& digest, const char* name) {
  return digest ? std::string(name) + ":" + to_hex(digest->value) : "none";
}

TEST(Hasher, agrees_with_openssl) {
  ASSERT_TRUE(prepare_digests());
  Hasher hasher(DigestAlgorithm::sha384);
  hasher.update(as_bytes("ab"));
  hasher.update(as_bytes("c"));
  EXPECT_EQ(shown(*hasher.finish(), "sha384"), test::hex_digest("abc", "sha384"));
  EXPECT_FALSE(hasher.finish());  // once only
}

TEST(DigestAlgorithm, has_exact_names) {
  EXPECT_EQ(digest_algorithm("sha256"), DigestAlgorithm::sha256);
  EXPECT_EQ(digest_algorithm("sha512"), DigestAlgorithm::sha512);
  for (const char* const name : {"SHA256", "sha-256", "sha1", "sha224", "", "sha256 "}) {
    EXPECT_FALSE(digest_algorithm(name)) << name;
  }
}

TEST(HashObjects, computes_the_wanted_digests_only) {
  std::string data(3 * (1U << 20U) + 17, 'x');  // several chunks
  for (std::size_t i = 0; i < data.size(); i += 997) data[i] = static_cast<char>(i);
  const UniqueFd fd = test::file_of(data);
  std::vector<HashRequest> requests(3);
  requests[0] = {5, data.size() - 5, {true, false, true}, {}};
  requests[1] = {0, 0, {true, false, false}, {}};
  requests[2] = {0, 100, {false, false, false}, {}};
  ASSERT_TRUE(hash_objects(fd.get(), requests));
  EXPECT_EQ(shown(requests[0].found[0], "sha256"), test::hex_digest(data.substr(5)));
  EXPECT_EQ(shown(requests[0].found[1], "sha384"), "none");
  EXPECT_EQ(shown(requests[0].found[2], "sha512"), test::hex_digest(data.substr(5), "sha512"));
  EXPECT_EQ(shown(requests[1].found[0], "sha256"), test::hex_digest(""));
  EXPECT_EQ(shown(requests[2].found[0], "sha256"), "none");
}

TEST(HashObjects, refuses_an_image_that_shrank) {
  const UniqueFd fd = test::file_of("short");
  std::vector<HashRequest> requests(1);
  requests[0] = {0, 6, {true, false, false}, {}};
  const auto hashed = hash_objects(fd.get(), requests);
  ASSERT_FALSE(hashed);
  EXPECT_EQ(hashed.error().code(), Code::refused);
}

}  // namespace
}  // namespace sifguard
