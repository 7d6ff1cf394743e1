// The key of a mounted root: out of the image's message, or sealed beside its copy.
#include "helper/release/volume_key.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "helper/release/sealed_key.h"
#include "tests/unit/release/granting.h"
#include "tests/unit/release/test_keys.h"

namespace sifguard {
namespace {

using test::grant_of;
using test::long_term_key;
using test::other_key;
using test::secret_of;
using test::text_of;

static_assert(!std::is_default_constructible_v<VolumeKey>);
static_assert(!std::is_constructible_v<VolumeKey, SecretBytes, bool>);

const std::string kPassword = "0123456789abcdef0123456789abcdef";
const std::string kDigest(64, 'd');

KeyGrant grant(const test::OpensslKey& key = long_term_key()) {
  return grant_of(*key.public_key().id());
}

std::string message(const test::OpensslKey& key = long_term_key()) {
  return key.message(key.encrypt(kPassword));
}

std::vector<std::byte> sealed() {
  return *seal_content_key(grant(), long_term_key().stored(), secret_of("content"), kDigest);
}

TEST(VolumeKey, IsWhatTheMessageHolds) {
  const auto key = release_volume_key(grant(), long_term_key().stored(), message(), kDigest);
  ASSERT_TRUE(key) << key.error().line();
  EXPECT_EQ(text_of(key->bytes()), kPassword);
  EXPECT_FALSE(key->is_content_key());
}

TEST(VolumeKey, OfAnotherKeysImageIsRefused) {
  const auto key =
      release_volume_key(grant(), long_term_key().stored(), message(other_key()), kDigest);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code(), Code::refused);
  EXPECT_FALSE(release_volume_key(grant(), long_term_key().stored(), "", kDigest));
  EXPECT_FALSE(
      release_volume_key(grant(), long_term_key().stored(), message() + message(), kDigest));
}

TEST(VolumeKey, TheGrantedKeyAloneOpens) {
  const auto released =
      release_volume_key(grant(other_key()), long_term_key().stored(), message(), kDigest);
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code(), Code::internal);
  EXPECT_FALSE(
      seal_content_key(grant(other_key()), long_term_key().stored(), secret_of("x"), kDigest));
  EXPECT_FALSE(
      release_content_key(grant(other_key()), long_term_key().stored(), sealed(), kDigest));
}

TEST(VolumeKey, AContentKeyRestsSealed) {
  const auto key = release_content_key(grant(), long_term_key().stored(), sealed(), kDigest);
  ASSERT_TRUE(key) << key.error().line();
  EXPECT_EQ(text_of(key->bytes()), "content");
  EXPECT_TRUE(key->is_content_key());
}

TEST(VolumeKey, ASealedContentKeyStaysWithItsImageAndItsUse) {
  const auto refused = [](std::span<const std::byte> text, const std::string& digest) {
    const auto key = release_content_key(grant(), long_term_key().stored(), text, digest);
    return !key && key.error().code() == Code::refused;
  };
  EXPECT_TRUE(refused(sealed(), std::string(64, 'e')));
  // Neither is a job's sealed key taken for one, nor the other way round.
  const auto jobs = seal(secret_of("pem"), long_term_key().public_key(), kDigest);
  ASSERT_TRUE(jobs);
  EXPECT_TRUE(refused(*jobs, kDigest));
  EXPECT_FALSE(unseal(sealed(), long_term_key().stored(), kDigest));
  std::vector<std::byte> bytes = sealed();
  bytes.back() ^= std::byte{1};
  EXPECT_TRUE(refused(bytes, kDigest));
  bytes.pop_back();
  EXPECT_TRUE(refused(bytes, kDigest));
  EXPECT_TRUE(refused({}, kDigest));
}

TEST(VolumeKey, AKeyOfAPublishedImageOpensNoOther) {
  KeyRecord record = test::record_of(*long_term_key().public_key().id());
  record.image = "sha256:" + std::string(64, 'e');
  const auto its = grant_key(test::decision_of(), test::admission_of(), record, "alice", {});
  ASSERT_TRUE(its) << its.error().line();
  const auto key = release_volume_key(*its, long_term_key().stored(), message(), kDigest);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code(), Code::denied);
}

}  // namespace
}  // namespace sifguard
