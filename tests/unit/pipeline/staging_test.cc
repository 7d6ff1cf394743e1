// Staging with the real opener, verifier and OpenPGP check: what is reused, and what never is.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <type_traits>

#include "helper/verify/weigh.h"
#include "keystore/base/human_size.h"
#include "tests/unit/pipeline/staging_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::signers;
using test::StagingAsRoot;

static_assert(!std::is_default_constructible_v<StagedImage>);
static_assert(!std::is_copy_constructible_v<StagedImage>);

TEST_F(StagingAsRoot, AFreshImageIsExaminedAndThenFound) {
  const Decision by_alice = decision(signers().alice);
  {
    auto staged = stage(by_alice);
    ASSERT_TRUE(staged) << staged.error().line();
    EXPECT_EQ(staged->entry(), nullptr);
    EXPECT_TRUE(weigh(*staged->facts(), by_alice.signers(), ::time(nullptr)));
    ASSERT_TRUE(staged->publish(*cache_, staged->record(), {}));
    ASSERT_NE(staged->entry(), nullptr);
    EXPECT_EQ(test::read_file(staged->entry()->image_path), test::read_file(path_));
  }
  const auto again = stage(by_alice);
  ASSERT_TRUE(again);
  ASSERT_NE(again->entry(), nullptr);
  EXPECT_TRUE(weigh(*again->facts(), by_alice.signers(), ::time(nullptr)));
}

TEST_F(StagingAsRoot, TellsWhatTakesItsTime) {
  std::string told;
  options_.tell = [&](std::string_view what) { told += std::string(what) + "|"; };
  run(decision(signers().alice));
  const std::string shown = path_ + " (" + human_size(fs::file_size(path_)) + ")||";
  EXPECT_EQ(told,
            "waiting for another's copy of " + shown + "copying " + shown + "verifying " + shown);
  told.clear();
  run(decision(signers().alice));  // the file has just changed: it is copied again, to what is
                                   // verified already
  EXPECT_EQ(told.find("verifying"), std::string::npos);
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
  EXPECT_FALSE(weigh(*staged->facts(), decision(signers().alice).signers(), ::time(nullptr)));
}

TEST_F(StagingAsRoot, FactsFoundWithOtherSignersKeysAreNotReused) {
  run(decision(signers().alice));
  const auto staged = stage(decision(signers().bob));
  ASSERT_TRUE(staged);
  EXPECT_EQ(staged->entry(), nullptr);
  EXPECT_FALSE(weigh(*staged->facts(), decision(signers().bob).signers(), ::time(nullptr)));
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
  EXPECT_FALSE(weigh(*tampered->facts(), by_alice.signers(), ::time(nullptr)));
  place(test::plain_image().build());
  const auto not_signed = stage(by_alice);
  ASSERT_TRUE(not_signed) << not_signed.error().line();
  EXPECT_FALSE(weigh(*not_signed->facts(), by_alice.signers(), ::time(nullptr)));
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
