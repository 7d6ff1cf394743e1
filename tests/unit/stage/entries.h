// Entries of an image cache, made without an opener. Tests only.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>

#include <string>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entry.h"
#include "keystore/base/text.h"
#include "tests/unit/stage/staging.h"
#include "tests/unit/verify/examined.h"

namespace sifguard::test {

inline EntryRecord entry_record(char digest, std::size_t size, const std::string& key_id = "") {
  ImageFacts facts;
  facts.image_size = size;
  facts.groups = {{1, {1}}};
  facts.primary_partition_id = 1;
  facts.primary_fstype = 1;
  facts.architecture = "amd64";
  EntryRecord record{{std::string(64, digest), std::string(64, '0'), key_id}, examined(facts), {}};
  if (!key_id.empty()) record.sealed_key = {std::byte{1}, std::byte{2}};
  return record;
}

class CacheAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    directory_ = stage_.directory("cache", 0700);
    open(64U << 20U);
  }
  void open(std::uint64_t max_bytes, std::uint64_t max_bytes_per_user = 0,
            std::size_t max_names = ImageCache::kMaxNames) {
    cache_.reset();
    auto opened = ImageCache::open(directory_, max_bytes, max_bytes_per_user, max_names);
    ASSERT_TRUE(opened) << opened.error().line();
    cache_.emplace(*std::move(opened));
  }
  [[nodiscard]] PrivateCopy copy_of(const std::string& content) const {
    PrivateCopy copy;
    copy.fd = UniqueFd(::openat(cache_->staging_fd(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0444));
    EXPECT_TRUE(write_all(copy.fd.get(), content, "copy"));
    copy.size = content.size();
    return copy;
  }
  [[nodiscard]] Result<CacheEntry> try_publish(char digest, std::size_t size, std::uint32_t uid,
                                               const std::string& key_id = "") const {
    return cache_->publish(copy_of(sif_like(size, digest)), entry_record(digest, size, key_id), {},
                           {uid});
  }
  /// Publishes `size` bytes, as root's, and lets go of the entry.
  std::string publish(char digest, std::size_t size = 5000, const std::string& key_id = "") const {
    return publish_for(0, digest, size, key_id);
  }
  std::string publish_for(std::uint32_t uid, char digest, std::size_t size,
                          const std::string& key_id = "") const {
    auto entry = try_publish(digest, size, uid, key_id);
    EXPECT_TRUE(entry) << (entry ? "" : entry.error().line());
    return entry ? entry->image_path : "";
  }
  /// Sets when an entry was used last.
  void age(char digest, time_t seconds_ago) const {
    const struct timespec then = {::time(nullptr) - seconds_ago, 0};
    const struct timespec times[2] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, entry(digest).c_str(), times, 0), 0);
  }
  [[nodiscard]] bool has(char digest) const {
    // Looks without freshening.
    return std::filesystem::exists(entry(digest));
  }
  [[nodiscard]] std::string entry(char digest, const std::string& key_id = "") const {
    return directory_ + "/entries/" + entry_name(entry_record(digest, 0, key_id));
  }

  Stage stage_;
  std::string directory_;
  std::optional<ImageCache> cache_;
};

}  // namespace sifguard::test
