// The cache as an admin sees it: what is listed, what may be dropped, what is still whole.
#include <gtest/gtest.h>
#include <sys/file.h>

#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

using test::CacheAsRoot;
using test::entry_record;
using test::sif_like;

class CacheSurvey : public CacheAsRoot {
 protected:
  [[nodiscard]] std::vector<EntryView> survey() const {
    auto views = cache_->survey();
    EXPECT_TRUE(views) << (views ? "" : views.error().line());
    return views ? *std::move(views) : std::vector<EntryView>();
  }
  [[nodiscard]] static std::string hex(const std::string& bytes) {
    return to_hex(*sha256(as_bytes(bytes)));
  }
  /// An entry whose digest is that of `pristine`, and whose file holds `content`.
  std::string publish_bytes(const std::string& pristine, const std::string& content,
                            std::string_view message = {},
                            std::optional<CryptoMessageFact> place = std::nullopt) const {
    ImageFacts facts = *entry_record('a', content.size()).facts;
    facts.message = place;
    const EntryRecord record{{hex(pristine), std::string(64, '0'), ""}, test::examined(facts), {}};
    const auto made =
        cache_->publish(copy_of(content), record, as_bytes(message), {1000, "/apps/a.sif"});
    EXPECT_TRUE(made) << (made ? "" : made.error().line());
    return entry_name(record);
  }
};

TEST_F(CacheSurvey, AnEmptyCacheHasNothing) {
  EXPECT_TRUE(survey().empty());
  const auto room = cache_->room();
  ASSERT_TRUE(room);
  EXPECT_EQ(room->most, 64U << 20U);
  EXPECT_EQ(room->most_per_user, 32U << 20U);
  EXPECT_GT(room->free_on_disk, 0U);
}

TEST_F(CacheSurvey, AnEntryIsShownAsItWasStaged) {
  const std::string name = publish_bytes("x", sif_like(5000));
  const auto views = survey();
  ASSERT_EQ(views.size(), 1U);
  const EntryView& view = views.front();
  EXPECT_EQ(view.name, name);
  EXPECT_EQ(view.digest, hex("x"));
  EXPECT_EQ(view.staged_as, "/apps/a.sif");
  EXPECT_EQ(view.staged_by, 1000U);
  EXPECT_EQ(view.key_id, "");
  EXPECT_GE(view.bytes, 5000U);
  EXPECT_LT(view.bytes, 64U << 10U);
  EXPECT_EQ(view.hits, 0U);
  EXPECT_LE(::time(nullptr) - view.staged_s, 60);
  EXPECT_FALSE(view.in_use);
  EXPECT_FALSE(view.prefetched);
}

TEST_F(CacheSurvey, AHitIsALaunchThatFindsIt) {
  publish('a', 5000, "key");
  EXPECT_EQ(survey().front().hits, 0U);
  EXPECT_TRUE(cache_->find(entry_record('a', 0, "key")));
  EXPECT_TRUE(cache_->find(entry_record('a', 0, "key")));
  EXPECT_FALSE(cache_->find(entry_record('a', 0, "another key")));
  EXPECT_FALSE(cache_->find(entry_record('b', 0)));
  ASSERT_TRUE(cache_->remember_content_key(entry_record('a', 0, "key")));
  EXPECT_EQ(survey().front().hits, 2U);
}

TEST_F(CacheSurvey, TheLastUsedIsFirst) {
  for (const char digest : {'a', 'b', 'c'}) publish(digest);
  age('a', 30);
  age('b', 10);
  age('c', 20);
  const auto views = survey();
  ASSERT_EQ(views.size(), 3U);
  EXPECT_EQ(views[0].digest[0], 'b');
  EXPECT_EQ(views[1].digest[0], 'c');
  EXPECT_EQ(views[2].digest[0], 'a');
}

TEST_F(CacheSurvey, WhatWasStagedAheadOfJobsIsSaid) {
  publish('a');
  publish('b');
  ASSERT_TRUE(
      cache_->remember_preloaded(ImageName::of("/", "/apps/a.sif").value(), std::string(64, 'a')));
  for (const EntryView& view : survey()) EXPECT_EQ(view.prefetched, view.digest[0] == 'a');
}

TEST_F(CacheSurvey, WhatALaunchHoldsIsInUseAndStays) {
  publish('a');
  auto held = cache_->find(entry_record('a', 0));
  ASSERT_TRUE(held);
  const std::string name = survey().front().name;
  EXPECT_TRUE(survey().front().in_use);
  const Status refused = cache_->drop(name);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::wrong_state);
  EXPECT_TRUE(has('a'));
  held.reset();
  EXPECT_FALSE(survey().front().in_use);
  ASSERT_TRUE(cache_->drop(name));
  EXPECT_FALSE(has('a'));
}

TEST_F(CacheSurvey, OnlyTheNamedEntryIsDropped) {
  publish('a');
  publish('b');
  ASSERT_TRUE(cache_->drop(entry_name(entry_record('a', 0))));
  EXPECT_FALSE(has('a'));
  EXPECT_TRUE(has('b'));
  EXPECT_TRUE(std::filesystem::is_empty(directory_ + "/tmp"));
}

TEST_F(CacheSurvey, WhatIsNoEntryIsNeitherDroppedNorRead) {
  publish('a');
  for (const char* name : {"", ".", "..", "../index", "../entries", "nothing", "/etc"}) {
    const Status dropped = cache_->drop(name);
    ASSERT_FALSE(dropped) << name;
    EXPECT_EQ(dropped.error().code(), Code::absent) << name;
    const auto whole = cache_->is_whole(name);
    ASSERT_FALSE(whole) << name;
    EXPECT_EQ(whole.error().code(), Code::absent) << name;
  }
  EXPECT_TRUE(has('a'));
}

TEST_F(CacheSurvey, BytesThatWereVerifiedAreWhole) {
  const std::string bytes = sif_like(3 << 20);
  EXPECT_TRUE(cache_->is_whole(publish_bytes(bytes, bytes)).value());
}

TEST_F(CacheSurvey, OneOtherByteIsDamage) {
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{1} << 20U, (std::size_t{3} << 20U) - 1}) {
    const std::string bytes = sif_like(3 << 20, static_cast<char>('a' + at % 7));
    std::string other = bytes;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(cache_->is_whole(publish_bytes(bytes, other)).value()) << at;
  }
}

TEST_F(CacheSurvey, ARekeyedImageIsHeldAgainstItsPristineMessage) {
  constexpr std::uint64_t kAt = (1U << 20U) - 4;  // across two blocks
  const std::string pristine = sif_like(2 << 20);
  std::string rekeyed = pristine;
  rekeyed.replace(kAt, 8, "REKEYED!");
  const CryptoMessageFact place{kAt, 8};
  const std::string name =
      publish_bytes(pristine, rekeyed, std::string_view(pristine).substr(kAt, 8), place);
  EXPECT_TRUE(cache_->is_whole(name).value());
  rekeyed[kAt + 8] = static_cast<char>(rekeyed[kAt + 8] ^ 1);
  ASSERT_TRUE(cache_->drop(name));
  EXPECT_FALSE(cache_
                   ->is_whole(publish_bytes(pristine, rekeyed,
                                            std::string_view(pristine).substr(kAt, 8), place))
                   .value());
}

}  // namespace
}  // namespace sifguard
