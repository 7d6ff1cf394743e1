// Rekeying a copy: patched in place, nothing else touched; openssl opens what it yields.
#include "helper/release/rekey.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <type_traits>

#include "helper/release/crypto_message.h"
#include "helper/release/sealed_key.h"
#include "tests/unit/release/granting.h"
#include "tests/unit/release/test_keys.h"

namespace sifguard {
namespace {

using test::admission_of;
using test::decision_of;
using test::facts_of;
using test::grant_of;
using test::long_term_key;
using test::other_key;
using test::text_of;

static_assert(!std::is_default_constructible_v<ReleasedKey>);
static_assert(!std::is_constructible_v<ReleasedKey, std::optional<SecretBytes>>);

const std::string kVolumeKey = "0123456789abcdef0123456789abcdef";  // gocryptfs: 32 characters
const std::string kDigest(64, 'd');
constexpr std::uint64_t kOffset = 1000;

std::string id_of(const test::OpensslKey& key) {
  return *key.public_key().id();
}

/// An image of zeros but for its message.
class Rekey : public testing::Test {
 protected:
  void SetUp() override { place(long_term_key().message(long_term_key().encrypt(kVolumeKey))); }
  void place(const std::string& text) {
    message_ = text;
    image_ = std::string(kOffset, 'a') + text + std::string(500, 'z');
    copy_.fd = UniqueFd(::memfd_create("image", MFD_CLOEXEC));
    ASSERT_TRUE(write_all(copy_.fd.get(), image_, "image"));
    copy_.size = image_.size();
  }
  [[nodiscard]] std::string content() const {
    std::string text(image_.size(), '\0');
    EXPECT_TRUE(pread_exact(copy_.fd.get(), std::as_writable_bytes(std::span(text)), 0, "image"));
    struct stat st {};
    EXPECT_EQ(::fstat(copy_.fd.get(), &st), 0);
    EXPECT_EQ(static_cast<std::size_t>(st.st_size), image_.size());
    return text;
  }
  [[nodiscard]] Result<Rekeyed> rekey_at(std::uint64_t offset, std::uint64_t size) const {
    return rekey(grant_of(id_of(long_term_key())), long_term_key().stored(), copy_, {offset, size},
                 kDigest);
  }
  void expect_refused(std::uint64_t offset, std::uint64_t size, const std::string& why) const {
    const auto rekeyed = rekey_at(offset, size);
    ASSERT_FALSE(rekeyed) << why;
    EXPECT_EQ(rekeyed.error().code(), Code::refused) << why;
    EXPECT_EQ(content(), image_) << why;
  }

  std::string message_, image_;
  PrivateCopy copy_;
};

TEST_F(Rekey, PatchesTheMessageInPlaceAndNothingElse) {
  const auto rekeyed = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(rekeyed) << rekeyed.error().what();
  EXPECT_EQ(rekeyed->pristine_message, message_);
  const std::string now = content();
  EXPECT_EQ(now.substr(0, kOffset), image_.substr(0, kOffset));
  EXPECT_EQ(now.substr(kOffset + message_.size()), image_.substr(kOffset + message_.size()));
  EXPECT_NE(now.substr(kOffset, message_.size()), message_);
}

TEST_F(Rekey, OpensslOpensThePatchedMessageWithTheReleasedKey) {
  const auto rekeyed = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(rekeyed);
  ASSERT_NE(rekeyed->key.pem(), nullptr);
  const std::string pem = text_of(*rekeyed->key.pem());
  EXPECT_TRUE(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));  // what the runtimes read
  test::TempDir directory;
  test::write_file(directory / "transient.pem", pem);
  const auto cipher = parse_crypto_message(content().substr(kOffset, message_.size()));
  ASSERT_TRUE(cipher);
  EXPECT_EQ(
      long_term_key().decrypt_with(directory / "transient.pem", std::string(as_text(*cipher))),
      kVolumeKey);
}

TEST_F(Rekey, TheLongTermKeyDoesNotOpenThePatchedMessageAndIsNotReleased) {
  const auto rekeyed = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(rekeyed);
  EXPECT_NE(text_of(*rekeyed->key.pem()), text_of(*long_term_key().key().pkcs1_pem()));
  const auto cipher = parse_crypto_message(content().substr(kOffset, message_.size()));
  ASSERT_TRUE(cipher);
  EXPECT_FALSE(unwrap_volume_key(*cipher, long_term_key().key()));
}

TEST_F(Rekey, EveryCopyHasAKeyOfItsOwn) {
  const auto first = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(first);
  place(message_);
  const auto second = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(second);
  EXPECT_NE(text_of(*first->key.pem()), text_of(*second->key.pem()));
}

TEST_F(Rekey, TheSealedKeyIsTheReleasedOneBoundToTheDigest) {
  const auto rekeyed = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(rekeyed);
  const auto opened = unseal(rekeyed->sealed_key, long_term_key().stored(), kDigest);
  ASSERT_TRUE(opened);
  EXPECT_EQ(text_of(*opened), text_of(*rekeyed->key.pem()));
  EXPECT_FALSE(unseal(rekeyed->sealed_key, long_term_key().stored(), std::string(64, 'e')));
}

TEST_F(Rekey, APlaceOutsideTheImageIsRefused) {
  const std::uint64_t size = message_.size();
  expect_refused(kOffset, 0, "nothing");
  expect_refused(image_.size() - size + 1, size, "a byte over the end");
  expect_refused(image_.size(), size, "behind the end");
  expect_refused(UINT64_MAX, size, "offset that overflows");
  expect_refused(UINT64_MAX - size + 1, size, "sum that is zero");
  expect_refused(kOffset, UINT64_MAX, "size that overflows");
  expect_refused(kOffset, image_.size() + 1, "larger than the image");
  expect_refused(kOffset, kMaxCryptoMessage + 1, "larger than any message");
}

TEST_F(Rekey, APlaceThatIsNotExactlyTheMessageIsRefused) {
  expect_refused(kOffset - 1, message_.size() + 1, "a byte before");
  expect_refused(kOffset, message_.size() + 1, "a byte after");
  expect_refused(kOffset, message_.size() - 1, "a byte short");
  expect_refused(0, message_.size(), "elsewhere");
}

TEST_F(Rekey, ACopyShorterThanItSaysIsRefused) {
  ASSERT_EQ(::ftruncate(copy_.fd.get(), kOffset + 10), 0);
  const auto rekeyed = rekey_at(kOffset, message_.size());
  ASSERT_FALSE(rekeyed);
  EXPECT_EQ(rekeyed.error().code(), Code::refused);
}

TEST_F(Rekey, AMessageUnderAnotherKeyIsRefusedAndLeftAsItWas) {
  place(long_term_key().message(other_key().encrypt(kVolumeKey)));
  expect_refused(kOffset, message_.size(), "another key");
}

TEST_F(Rekey, AKeyThatWasNotGrantedIsNotUsed) {
  const auto rekeyed = rekey(grant_of(id_of(other_key())), long_term_key().stored(), copy_,
                             {kOffset, message_.size()}, kDigest);
  ASSERT_FALSE(rekeyed);
  EXPECT_EQ(rekeyed.error().code(), Code::internal);
  EXPECT_EQ(content(), image_);
}

TEST_F(Rekey, ALargeVolumeKeyFitsToo) {
  // One block of a key larger than the usual transient one, and too much for one of those.
  const test::OpensslKey large(4096);
  const std::string volume_key(400, 'v');
  place(large.message(large.encrypt(volume_key)));
  const auto rekeyed =
      rekey(grant_of(id_of(large)), large.stored(), copy_, {kOffset, message_.size()}, kDigest);
  ASSERT_TRUE(rekeyed) << rekeyed.error().what();
  test::TempDir directory;
  test::write_file(directory / "transient.pem", text_of(*rekeyed->key.pem()));
  const auto cipher = parse_crypto_message(content().substr(kOffset, message_.size()));
  ASSERT_TRUE(cipher);
  EXPECT_EQ(large.decrypt_with(directory / "transient.pem", std::string(as_text(*cipher))),
            volume_key);
}

EntryRecord entry_of(const Rekeyed& rekeyed) {
  return {
      {kDigest, {}, id_of(long_term_key())}, test::examined(test::facts_of()), rekeyed.sealed_key};
}

TEST_F(Rekey, ASealedKeyIsReleasedAgain) {
  const auto rekeyed = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(rekeyed);
  const auto released = release_sealed(grant_of(id_of(long_term_key())), long_term_key().stored(),
                                       entry_of(*rekeyed));
  ASSERT_TRUE(released) << released.error().what();
  EXPECT_EQ(text_of(*released->pem()), text_of(*rekeyed->key.pem()));
}

TEST_F(Rekey, ASealedKeyOfAnotherEntryOrKeyIsNotReleased) {
  const auto rekeyed = rekey_at(kOffset, message_.size());
  ASSERT_TRUE(rekeyed);
  const KeyGrant grant = grant_of(id_of(long_term_key()));
  EntryRecord moved = entry_of(*rekeyed);
  moved.digest = std::string(64, 'e');
  EXPECT_FALSE(release_sealed(grant, long_term_key().stored(), moved));
  EntryRecord foreign = entry_of(*rekeyed);
  foreign.key_id = id_of(other_key());
  const auto refused = release_sealed(grant, long_term_key().stored(), foreign);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::internal);
  EXPECT_FALSE(release_sealed(grant, other_key().stored(), entry_of(*rekeyed)));
  EntryRecord unencrypted = entry_of(*rekeyed);
  unencrypted.key_id.clear();
  unencrypted.sealed_key.clear();
  EXPECT_FALSE(release_sealed(grant, long_term_key().stored(), unencrypted));
}

TEST(ReleaseNothing, HasNoKey) {
  EXPECT_EQ(release_nothing(admission_of()).pem(), nullptr);
}

}  // namespace
}  // namespace sifguard
