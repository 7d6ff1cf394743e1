// What the cache remembers of images that run in place.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/policy/names.h"
#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

using test::CacheAsRoot;
using test::entry_record;

class CachedFacts : public CacheAsRoot {
 protected:
  [[nodiscard]] std::string file(const EntryRecord& record) const {
    return directory_ + "/facts/" + entry_name(record);
  }
};

TEST_F(CachedFacts, AreFoundByDigestAndKeyring) {
  const EntryRecord record = entry_record('a', 5000);
  ASSERT_TRUE(cache_->remember_facts(record));
  const auto found = cache_->facts_of(record);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->facts->image_size, 5000U);
  EXPECT_FALSE(cache_->find(record));  // there is no image to run
  EntryRecord other = record;
  other.keyring = std::string(64, '1');
  EXPECT_FALSE(cache_->facts_of(other));
  EXPECT_FALSE(cache_->facts_of(entry_record('b', 5000)));
}

TEST_F(CachedFacts, OfAnOddDigestAreNotLookedFor) {
  EntryRecord record = entry_record('a', 5000);
  record.digest = "../../../etc/passwd";
  EXPECT_FALSE(cache_->facts_of(record));
}

TEST_F(CachedFacts, UnderAnotherNameAreNotBelieved) {
  const EntryRecord a = entry_record('a', 5000);
  const EntryRecord b = entry_record('b', 5000);
  ASSERT_TRUE(cache_->remember_facts(a));
  std::filesystem::copy(file(a), file(b));
  EXPECT_FALSE(cache_->facts_of(b));
}

TEST_F(CachedFacts, TornOnesAreForgottenAndTidiedAway) {
  const EntryRecord good = entry_record('a', 5000);
  const EntryRecord torn = entry_record('b', 5000);
  ASSERT_TRUE(cache_->remember_facts(good));
  ASSERT_TRUE(cache_->remember_facts(torn));
  const std::string text = test::read_file(file(torn));
  test::write_file(file(torn), text.substr(0, text.size() / 2));
  EXPECT_FALSE(cache_->facts_of(torn));
  ASSERT_TRUE(cache_->tidy());
  EXPECT_FALSE(std::filesystem::exists(file(torn)));
  EXPECT_TRUE(cache_->facts_of(good));
}

TEST_F(CachedFacts, WhatIsPreloadedIsFoundByItsName) {
  EXPECT_EQ(cache_->preloaded(test::name("/a.sif")), std::nullopt);
  ASSERT_TRUE(cache_->remember_preloaded(test::name("/a.sif"), std::string(64, 'a')));
  EXPECT_EQ(cache_->preloaded(test::name("/a.sif")), std::string(64, 'a'));
  EXPECT_EQ(cache_->preloaded(test::name("/a.si")), std::nullopt);
  ASSERT_TRUE(cache_->remember_preloaded(test::name("/a.sif"), std::string(64, 'b')));
  EXPECT_EQ(cache_->preloaded(test::name("/a.sif")), std::string(64, 'b'));
}

TEST_F(CachedFacts, HaveALimitInNumberAndTheOldestGo) {
  open(64U << 20U, 0, 3);
  for (const char digest : {'a', 'b', 'c', 'd', 'e'}) {
    ASSERT_TRUE(cache_->remember_facts(entry_record(digest, 5000)));
    ::usleep(20'000);
  }
  EXPECT_FALSE(cache_->facts_of(entry_record('a', 5000)));
  EXPECT_FALSE(cache_->facts_of(entry_record('b', 5000)));
  for (const char digest : {'c', 'd', 'e'}) {
    EXPECT_TRUE(cache_->facts_of(entry_record(digest, 5000))) << digest;
  }
}

TEST_F(CachedFacts, PreloadedNamesHaveALimitInNumber) {
  open(64U << 20U, 0, 2);
  ASSERT_TRUE(cache_->remember_preloaded(test::name("/a.sif"), std::string(64, 'a')));
  ASSERT_TRUE(cache_->remember_preloaded(test::name("/b.sif"), std::string(64, 'b')));
  const Status third = cache_->remember_preloaded(test::name("/c.sif"), std::string(64, 'c'));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), Code::temporary);
  EXPECT_TRUE(cache_->remember_preloaded(test::name("/a.sif"), std::string(64, 'c')));
  ASSERT_TRUE(cache_->tidy());  // the cache has none of them
  EXPECT_TRUE(cache_->remember_preloaded(test::name("/c.sif"), std::string(64, 'c')));
}

TEST_F(CachedFacts, OfAnotherBootAreForgotten) {
  const EntryRecord record = entry_record('a', 5000);
  test::write_file(file(record), entry_to_json(record, "another-boot"));
  EXPECT_FALSE(cache_->facts_of(record));
}

}  // namespace
}  // namespace sifguard
