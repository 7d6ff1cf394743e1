// A published image's own key: made by rewrap(), given to jobs by release_published(), and of no
// use for any other image. openssl opens what rewrap() wraps.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "helper/release/crypto_message.h"
#include "helper/release/rekey.h"
#include "tests/unit/policy/names.h"
#include "tests/unit/release/granting.h"
#include "tests/unit/release/test_keys.h"

namespace sifguard {
namespace {

using test::long_term_key;
using test::text_of;

const std::string kVolumeKey = "0123456789abcdef0123456789abcdef";
const std::string kDigest(64, 'd');
constexpr std::uint64_t kOffset = 100;

KeyRecord own_record(const std::string& image = "sha256:" + kDigest) {
  KeyRecord record = test::record_of(*long_term_key().public_key().id());
  record.image = image;
  return record;
}

KeyGrant grant(const KeyRecord& record) {
  return *grant_key(test::decision_of(), test::admission_of(), record, "alice", {});
}

class PublishedKey : public testing::Test {
 protected:
  void SetUp() override { place(long_term_key().encrypt(kVolumeKey)); }
  void place(const std::string& cipher) {
    message_ = long_term_key().message(cipher);
    image_ = UniqueFd(::memfd_create("image", MFD_CLOEXEC));
    facts_.image_size = kOffset + message_.size();
    facts_.message = CryptoMessageFact{kOffset, message_.size()};
    ASSERT_TRUE(write_all(image_.get(), std::string(kOffset, 'a') + message_, "image"));
  }
  [[nodiscard]] Result<ReleasedKey> release(const KeyRecord& record,
                                            const std::string& digest = kDigest) const {
    return release_published(grant(record), long_term_key().key(), image_.get(), facts_, digest);
  }
  void expect_error(const Result<ReleasedKey>& released, Code code, const std::string& part) const {
    ASSERT_FALSE(released) << part;
    EXPECT_EQ(released.error().code(), code) << released.error().line();
    EXPECT_NE(released.error().line().find(part), std::string::npos) << released.error().line();
  }
  std::string message_;
  UniqueFd image_;
  ImageFacts facts_;
};

TEST_F(PublishedKey, IsReleasedForItsImage) {
  const auto released = release(own_record());
  ASSERT_TRUE(released) << released.error().line();
  ASSERT_NE(released->pem(), nullptr);
  EXPECT_EQ(text_of(*released->pem()), text_of(*long_term_key().key().pkcs1_pem()));
}

TEST_F(PublishedKey, IsNotReleasedForAnotherImage) {
  expect_error(release(own_record(), std::string(64, 'e')), Code::denied, "another");
}

TEST_F(PublishedKey, AnOrdinaryKeyIsNeverReleased) {
  expect_error(release(own_record("")), Code::denied, "not made for this image alone");
}

TEST_F(PublishedKey, AnImageEncryptedToAnotherIsRefused) {
  place(test::other_key().encrypt(kVolumeKey));
  expect_error(release(own_record()), Code::refused, "not encrypted for the key");
}

TEST_F(PublishedKey, AnImageWithoutAMessageIsRefused) {
  facts_.message.reset();
  expect_error(release(own_record()), Code::refused, "not encrypted");
}

TEST_F(PublishedKey, AMessageOutsideTheImageIsRefused) {
  facts_.message->offset = facts_.image_size;
  expect_error(release(own_record()), Code::refused, "not inside");
}

TEST_F(PublishedKey, DoesNotOpenACopyOfAnotherImageEither) {
  PrivateCopy copy;
  copy.fd = UniqueFd(::memfd_create("copy", MFD_CLOEXEC));
  ASSERT_TRUE(write_all(copy.fd.get(), std::string(kOffset, 'a') + message_, "copy"));
  copy.size = facts_.image_size;
  const auto key = long_term_key().stored();
  EXPECT_TRUE(rekey(grant(own_record()), key, copy, *facts_.message, kDigest));
  const auto other = rekey(grant(own_record()), key, copy, *facts_.message, std::string(64, 'e'));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), Code::denied);
}

TEST_F(PublishedKey, RewrappingMakesANewKeyThatOpensslCanUse) {
  const KeyRecord source = own_record("");
  const auto made = rewrap(grant(source), long_term_key().key(), image_.get(), facts_.image_size,
                           *facts_.message);
  ASSERT_TRUE(made) << made.error().line();
  EXPECT_EQ(made->message.size(), message_.size());
  EXPECT_NE(*made->key.public_key()->id(), source.id);
  test::TempDir directory;
  test::write_file(directory / "own.pem", text_of(*made->key.pkcs1_pem()));
  const auto cipher = parse_crypto_message(made->message);
  ASSERT_TRUE(cipher);
  EXPECT_EQ(long_term_key().decrypt_with(directory / "own.pem", std::string(as_text(*cipher))),
            kVolumeKey);
}

TEST_F(PublishedKey, RewrappingRefusesWhatIsNotForTheGrantedKey) {
  place(test::other_key().encrypt(kVolumeKey));
  const auto made = rewrap(grant(own_record("")), long_term_key().key(), image_.get(),
                           facts_.image_size, *facts_.message);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::refused);
}

Binding binding_of(Mode mode) {
  Binding binding;
  binding.mode = mode;
  return binding;
}

TEST(GrantPublication, AsksForTheKeysSignersAndStateOnly) {
  KeyRecord record = test::record_of();
  EXPECT_TRUE(grant_publication(binding_of(Mode::enforce), test::admission_of(), record));
  const auto refused = [&](Mode mode, const Admission& admission) {
    const auto granted = grant_publication(binding_of(mode), admission, record);
    return !granted && granted.error().code() == Code::denied;
  };
  EXPECT_TRUE(refused(Mode::warn, test::admission_of()));
  EXPECT_TRUE(refused(Mode::enforce, test::admission_of(test::kOtherSigner)));
  record.state = KeyState::suspended;
  EXPECT_TRUE(refused(Mode::enforce, test::admission_of()));
  record.state = KeyState::active;
  record.rule.signers.clear();
  EXPECT_TRUE(refused(Mode::enforce, test::admission_of()));
}

Decision staging_decision() {
  Binding binding;
  binding.name = "lolcow";
  binding.match = {"/apps/lolcow.sif"};
  binding.signers.any_of = {test::kSigner};
  binding.key = "lolcow-key";
  Facts facts;
  facts.image_names = test::named(binding.match);
  return *decide_for_staging(Policy{{binding}}, facts);
}

TEST(GrantStaging, IsNoGrantForAJobNorAJobsForStaging) {
  const KeyRecord record = test::record_of();
  EXPECT_TRUE(grant_staging(staging_decision(), test::admission_of(), record));
  EXPECT_FALSE(grant_staging(test::decision_of(), test::admission_of(), record));
  EXPECT_FALSE(grant_key(staging_decision(), test::admission_of(), record, "alice", {}));
}

TEST(GrantStaging, AsksForTheKeysSignersAndState) {
  KeyRecord record = test::record_of();
  EXPECT_FALSE(grant_staging(staging_decision(), test::admission_of(test::kOtherSigner), record));
  record.state = KeyState::revoked;
  EXPECT_FALSE(grant_staging(staging_decision(), test::admission_of(), record));
}

}  // namespace
}  // namespace sifguard
