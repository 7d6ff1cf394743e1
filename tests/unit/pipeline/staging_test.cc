// Staging with the real opener, verifier and OpenPGP check: what is reused, and what never is.
#include "helper/pipeline/staging.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <optional>
#include <sstream>
#include <type_traits>

#include "helper/stage/filesystem_type.h"
#include "helper/verify/judge.h"
#include "tests/unit/pipeline/pipeline_stage.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::signers;

static_assert(!std::is_default_constructible_v<StagedImage>);
static_assert(!std::is_copy_constructible_v<StagedImage>);

class StagingAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    ::chmod(directory_.path().c_str(), 0755);
    test::install_programs(directory_ / "libexec");
    ASSERT_TRUE(Keystore::init(directory_ / "keystore", Trust{0}));
    keystore_.emplace(*Keystore::open(directory_ / "keystore", Trust{0}));
    test::add_signer(*keystore_, signers().alice);
    test::add_signer(*keystore_, signers().bob);
    fs::create_directory(directory_ / "cache");
    fs::create_directory(directory_ / "scratch");
    ::chmod((directory_ / "cache").c_str(), 0700);
    cache_.emplace(*ImageCache::open(directory_ / "cache", 64U << 20U));
    options_.libexec_dir = directory_ / "libexec";
    options_.scratch_dir = directory_ / "scratch";
    options_.gpg = "/usr/bin/gpg";
    options_.verifier = Identity{1, 1, {}};  // daemon
    options_.image_max_bytes = 16U << 20U;
    options_.stage_timeout_s = 60;
    options_.verify_timeout_s = 60;
    options_.trust_identity = true;
    options_.uid = test::kUser;
    place(test::image_signed_by(signers().alice));
  }
  void place(const std::string& image) {
    test::write_file(path_, image);
    ::chmod(path_.c_str(), 0644);
  }
  /// An image whose times are old enough to be remembered.
  static void settle() { ::usleep(3100000); }

  [[nodiscard]] static Decision decision(const std::string& signer,
                                         const std::optional<std::string>& digest = {}) {
    Binding binding;
    binding.name = "test";
    binding.match = {"/x"};
    binding.signers.any_of = {signer};
    binding.allow.users = std::vector<std::string>{"alice"};
    binding.digest = digest;
    Facts facts;
    facts.user = "alice";
    facts.image_names = {"/x"};
    return *decide(Policy{{binding}}, facts);
  }
  [[nodiscard]] Result<OpenedImage> open(std::int64_t timeout_ms = 30000) const {
    OpenOptions options;
    options.libexec_dir = options_.libexec_dir;
    options.owner = Identity{test::kUser, test::kGroup, {}};
    options.deadline_ms = monotonic_ms() + timeout_ms;
    return open_image(path_, "/", options);
  }
  [[nodiscard]] Result<StagedImage> stage(const Decision& decision) const {
    SG_TRY(OpenedImage opened, open());
    return stage(std::move(opened), decision);
  }
  [[nodiscard]] Result<StagedImage> stage(OpenedImage opened, const Decision& decision) const {
    SG_TRY(const Keyring keyring, load_keyring(*keystore_, decision));
    return stage_image(std::move(opened), decision, keyring, *cache_, {}, options_);
  }
  /// Stages and publishes, as a launch without encryption does.
  void run(const Decision& decision) const {
    auto staged = stage(decision);
    ASSERT_TRUE(staged) << staged.error().line();
    ASSERT_TRUE(staged->publish(*cache_, staged->record(), {}));
  }

  test::TempDir directory_;
  const std::string path_ = directory_ / "image.sif";
  std::optional<Keystore> keystore_;
  std::optional<ImageCache> cache_;
  StagingOptions options_;
};

TEST_F(StagingAsRoot, AFreshImageIsExaminedAndThenFound) {
  const Decision by_alice = decision(signers().alice);
  {
    auto staged = stage(by_alice);
    ASSERT_TRUE(staged) << staged.error().line();
    EXPECT_EQ(staged->entry(), nullptr);
    EXPECT_TRUE(judge(staged->facts(), by_alice.signers(), ::time(nullptr)));
    ASSERT_TRUE(staged->publish(*cache_, staged->record(), {}));
    ASSERT_NE(staged->entry(), nullptr);
    EXPECT_EQ(test::read_file(staged->entry()->image_path), test::read_file(path_));
  }
  const auto again = stage(by_alice);
  ASSERT_TRUE(again);
  ASSERT_NE(again->entry(), nullptr);
  EXPECT_TRUE(judge(again->facts(), by_alice.signers(), ::time(nullptr)));
}

TEST_F(StagingAsRoot, ARememberedFileIsNotReadAgain) {
  settle();
  run(decision(signers().alice));
  const auto opened = open();
  ASSERT_TRUE(opened);
  ASSERT_NE(opened->identity().filesystem_id, 0U);
  EXPECT_TRUE(cache_->digest_of(opened->identity()));
  // The verifier is gone, and nothing misses it.
  fs::remove(directory_ / "libexec/sifguard-verifier");
  const auto again = stage(decision(signers().alice));
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_NE(again->entry(), nullptr);
}

TEST_F(StagingAsRoot, AFileThatHasJustChangedIsNotRemembered) {
  place(test::image_signed_by(signers().alice));
  run(decision(signers().alice));
  const auto opened = open();
  ASSERT_TRUE(opened);
  EXPECT_FALSE(cache_->digest_of(opened->identity()));
}

TEST_F(StagingAsRoot, OnAnUntrustedFilesystemNothingIsRemembered) {
  settle();
  options_.trust_identity = false;
  run(decision(signers().alice));
  const auto opened = open();
  ASSERT_TRUE(opened);
  EXPECT_FALSE(cache_->digest_of(opened->identity()));
}

TEST_F(StagingAsRoot, AChangedFileIsStagedAnew) {
  settle();
  run(decision(signers().alice));
  place(test::image_signed_by(signers().bob));
  const auto staged = stage(decision(signers().alice));
  ASSERT_TRUE(staged);
  EXPECT_EQ(staged->entry(), nullptr);
  EXPECT_FALSE(judge(staged->facts(), decision(signers().alice).signers(), ::time(nullptr)));
}

TEST_F(StagingAsRoot, FactsFoundWithOtherSignersKeysAreNotReused) {
  run(decision(signers().alice));
  const auto staged = stage(decision(signers().bob));
  ASSERT_TRUE(staged);
  EXPECT_EQ(staged->entry(), nullptr);
  EXPECT_FALSE(judge(staged->facts(), decision(signers().bob).signers(), ::time(nullptr)));
}

TEST_F(StagingAsRoot, APinnedDigestHoldsFreshAndCached) {
  const std::string wrong = "sha256:" + std::string(64, '0');
  const auto expect_pinned = [&] {
    const auto staged = stage(decision(signers().alice, wrong));
    ASSERT_FALSE(staged);
    EXPECT_EQ(staged.error().code(), Code::refused);
    EXPECT_NE(staged.error().what().find(wrong), std::string::npos);
  };
  settle();
  expect_pinned();
  run(decision(signers().alice));
  expect_pinned();
  const auto digest = stage(decision(signers().alice))->digest();
  EXPECT_TRUE(stage(decision(signers().alice, "sha256:" + digest)));
}

TEST_F(StagingAsRoot, ASignerTheKeystoreLacksIsAConfigurationError) {
  ASSERT_TRUE(keystore_->remove_signer(signers().alice));
  const auto staged = stage(decision(signers().alice));
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code(), Code::config);
  EXPECT_NE(staged.error().line().find(signers().alice), std::string::npos);
  EXPECT_NE(staged.error().line().find("sifctl signer add"), std::string::npos);
}

TEST_F(StagingAsRoot, WhatIsNotTheSignedImageIsNotVouchedFor) {
  const Decision by_alice = decision(signers().alice);
  std::string image = test::image_signed_by(signers().alice);
  image[image.find("hsqs") + 100] ^= 1;
  place(image);
  const auto tampered = stage(by_alice);
  ASSERT_TRUE(tampered) << tampered.error().line();
  EXPECT_FALSE(judge(tampered->facts(), by_alice.signers(), ::time(nullptr)));
  place(test::plain_image().build());
  const auto not_signed = stage(by_alice);
  ASSERT_TRUE(not_signed) << not_signed.error().line();
  EXPECT_FALSE(judge(not_signed->facts(), by_alice.signers(), ::time(nullptr)));
}

TEST_F(StagingAsRoot, MalformedImagesAreRefusedAndNotKept) {
  std::string image = test::image_signed_by(signers().alice);
  test::poke<std::uint64_t>(image, 88, 1ULL << 60U);  // descriptors
  place(image);
  const auto staged = stage(decision(signers().alice));
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code(), Code::refused) << staged.error().line();
  place("no SIF at all, but long enough to be looked at for a magic number");
  EXPECT_FALSE(stage(decision(signers().alice)));
  EXPECT_TRUE(fs::is_empty(directory_ / "cache/entries"));
}

TEST_F(StagingAsRoot, ATooLargeImagePushesNothingOut) {
  run(decision(signers().alice));
  options_.image_max_bytes = 1000;
  cache_.reset();
  cache_.emplace(*ImageCache::open(directory_ / "cache", 1000));
  place(test::read_file(path_) + "x");
  const auto staged = stage(decision(signers().alice));
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code(), Code::refused) << staged.error().line();
  EXPECT_FALSE(fs::is_empty(directory_ / "cache/entries"));
}

TEST_F(StagingAsRoot, WhatIsNotLaunchedPushesNothingOut) {
  const std::string good = test::read_file(path_);
  run(decision(signers().alice));
  const auto entries = [&] {
    return std::distance(fs::directory_iterator(directory_ / "cache/entries"),
                         fs::directory_iterator());
  };
  // Room for one image, of all users and of this one.
  cache_.reset();
  cache_.emplace(*ImageCache::open(directory_ / "cache", good.size() + 4096, good.size() + 4096));
  place(std::string(good.size(), 'x'));
  EXPECT_FALSE(stage(decision(signers().alice)));
  std::string malformed = good;
  malformed[4096 + 5] ^= 1;  // an object's id
  place(malformed);
  EXPECT_FALSE(stage(decision(signers().alice)));
  EXPECT_EQ(entries(), 1);
  place(test::plain_image().build());
  {
    const auto unsigned_image = stage(decision(signers().alice));
    ASSERT_TRUE(unsigned_image) << unsigned_image.error().line();
  }
  EXPECT_EQ(entries(), 1);
  place(test::image_signed_by(signers().bob));
  run(decision(signers().bob));
  EXPECT_EQ(entries(), 1);
  place(good);
  EXPECT_EQ(stage(decision(signers().alice))->entry(), nullptr) << "it went for the other";
}

/// On a filesystem whose identities are not believed.
class WaitersAsRoot : public StagingAsRoot {
 protected:
  void SetUp() override {
    StagingAsRoot::SetUp();
    options_.trust_identity = false;
  }
  /// An image that is open already, and cannot be copied any more.
  [[nodiscard]] OpenedImage waiter() const {
    auto opened = open();
    EXPECT_TRUE(opened);
    // The youngest child; never process -1, which is all of them.
    std::istringstream children(
        test::read_file("/proc/self/task/" + std::to_string(::gettid()) + "/children"));
    pid_t opener = -1;
    while (children >> opener) {
    }
    EXPECT_TRUE(opener > 1 && ::kill(opener, SIGKILL) == 0);
    return *std::move(opened);
  }
  void expect_shared(OpenedImage waiter) const {
    const auto staged = stage(std::move(waiter), by_alice_);
    ASSERT_TRUE(staged) << staged.error().line();
    EXPECT_NE(staged->entry(), nullptr);
  }
  void expect_own_copy(OpenedImage waiter) const {
    EXPECT_FALSE(stage(std::move(waiter), by_alice_));
  }
  const Decision by_alice_ = decision(signers().alice);
};

TEST_F(WaitersAsRoot, TakeWhatWasCopiedSinceTheyOpened) {
  OpenedImage first = waiter();
  OpenedImage second = waiter();
  run(by_alice_);
  expect_shared(std::move(first));
  expect_shared(std::move(second));
}

TEST_F(WaitersAsRoot, AlsoWhereTheCacheHadItsContentBefore) {
  run(by_alice_);
  OpenedImage late = waiter();
  run(by_alice_);
  expect_shared(std::move(late));
}

TEST_F(WaitersAsRoot, DoNotTakeACopyThatBeganBeforeTheyOpened) {
  run(by_alice_);
  expect_own_copy(waiter());
  auto staged = stage(by_alice_);  // and one that ends later is no better
  ASSERT_TRUE(staged);
  OpenedImage late = waiter();
  ASSERT_TRUE(staged->publish(*cache_, staged->record(), {}));
  expect_own_copy(std::move(late));
}

TEST_F(WaitersAsRoot, DoNotTakeAnothersCopy) {
  OpenedImage other = waiter();
  run(by_alice_);
  options_.uid = test::kUser - 1;
  expect_own_copy(std::move(other));
}

TEST_F(WaitersAsRoot, DoNotTakeACopyOfAnotherFile) {
  OpenedImage replaced = waiter();
  const std::string image = test::read_file(path_);
  fs::remove(path_);
  place(image);
  OpenedImage rewritten = waiter();
  place(image);
  run(by_alice_);
  expect_own_copy(std::move(replaced));
  expect_own_copy(std::move(rewritten));
}

TEST_F(WaitersAsRoot, DoNotTakeACopyThatWasNotLaunched) {
  OpenedImage late = waiter();
  EXPECT_TRUE(stage(by_alice_));
  expect_own_copy(std::move(late));
}

TEST_F(WaitersAsRoot, WaitForALimitedTime) {
  options_.stage_timeout_s = 1;
  const auto held = cache_->copy_turn(options_.uid, open()->identity(), 0);
  ASSERT_TRUE(held);
  const std::int64_t start = monotonic_ms();
  const auto staged = stage(by_alice_);
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code(), Code::temporary);
  EXPECT_GE(monotonic_ms() - start, 900);
}

TEST_F(WaitersAsRoot, HaveAllTheTimeOfACopyAfterTheWait) {
  auto opened = open(1000);
  ASSERT_TRUE(opened);
  ::usleep(1100000);
  const auto staged = stage(*std::move(opened), by_alice_);
  EXPECT_TRUE(staged) << staged.error().line();
}

TEST_F(StagingAsRoot, WhoCopiesKeepsOthersWaitingUntilTheEntryIsThere) {
  const auto identity = open()->identity();
  auto staged = stage(decision(signers().alice));
  ASSERT_TRUE(staged);
  EXPECT_FALSE(cache_->copy_turn(options_.uid, identity, 0));
  ASSERT_TRUE(staged->publish(*cache_, staged->record(), {}));
  EXPECT_TRUE(cache_->copy_turn(options_.uid, identity, 0));
}

TEST_F(StagingAsRoot, WhoIsFirstToPublishWins) {
  options_.uid = 1;
  auto first = stage(decision(signers().alice));
  options_.uid = 2;  // another user's launch of the same image, at the same time
  auto second = stage(decision(signers().alice));
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->publish(*cache_, first->record(), {}));
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat(first->entry()->image_path.c_str(), &before), 0);
  ASSERT_TRUE(second->publish(*cache_, second->record(), {}));
  ASSERT_EQ(::stat(second->entry()->image_path.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

}  // namespace
}  // namespace sifguard
