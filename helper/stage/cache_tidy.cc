// The node's cache of staged images: removing entries and tidying. Root.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <set>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entry.h"
#include "keystore/base/clock.h"
#include "keystore/base/tree.h"

namespace sifguard {

Status ImageCache::remove_entry(const std::string& name) const {
  const std::string leaving = "old-" + name;
  SG_CHECK(remove_tree_at(temporary_.get(), leaving));
  if (::renameat(entries_.get(), name.c_str(), temporary_.get(), leaving.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno(Code::internal, "cannot remove a cache entry", errno);
  }
  return remove_tree_at(temporary_.get(), leaving);
}

/// Others want the lock, and there may be very many names: leftovers of years, or of an older
/// version. Whoever waits looks every 10 ms.
Status ImageCache::in_slices(int directory,
                             const std::function<Status(const std::string& name)>& each) const {
  constexpr std::int64_t kSliceMs = 20;
  constexpr struct timespec kPause = {0, 20'000'000};
  SG_TRY(const auto names, list_names_at(directory));
  for (std::size_t next = 0; next < names.size();) {
    if (next != 0) ::nanosleep(&kPause, nullptr);
    SG_TRY(const FileLock held, lock());
    const std::int64_t end = monotonic_ms() + kSliceMs;
    do {
      SG_CHECK(each(names[next]));
    } while (++next < names.size() && monotonic_ms() < end);
  }
  return {};
}

Status ImageCache::tidy_temporary() const {
  return in_slices(temporary_.get(), [&](const std::string& name) -> Status {
    if (!name.starts_with(kCopyPrefix)) return remove_tree_at(temporary_.get(), name);
    // A lock file: whoever holds it keeps it, and whoever waits for it makes a new one.
    if (FileLock::acquire(temporary_.get(), name, FileLock::Mode::exclusive, 0, name)) {
      ::unlinkat(temporary_.get(), name.c_str(), 0);
    }
    return {};
  });
}

Status ImageCache::tidy_entries() const {
  return in_slices(entries_.get(), [&](const std::string& name) -> Status {
    return load(name) ? Status{} : remove_entry(name);
  });
}

Result<std::set<std::string>> ImageCache::known_digests() const {
  SG_TRY(auto entries, list_names_at(entries_.get()));
  SG_TRY(const auto in_place, list_names_at(facts_.get()));
  entries.insert(entries.end(), in_place.begin(), in_place.end());
  std::set<std::string> digests;
  for (const std::string& name : entries) digests.insert(name.substr(0, 64));
  return digests;
}

Status ImageCache::tidy_index() const {
  const std::string ours = std::string(kPreloadedPrefix) + boot_id_ + "-";
  SG_CHECK(in_slices(index_.get(), [&](const std::string& name) -> Status {
    if (name == kFilesTable) return {};
    const auto digest = name.starts_with(ours) ? indexed(name) : std::nullopt;
    if (digest) {
      SG_TRY(const auto digests, known_digests());
      if (digests.contains(*digest)) return {};
    }
    return remove_tree_at(index_.get(), name);
  }));
  SG_TRY(const auto digests, known_digests());
  return files_.keep([&](const std::string& digest) { return digests.contains(digest); });
}

Status ImageCache::tidy() const {
  const auto alone =
      FileLock::acquire(directory_.get(), ".tidy", FileLock::Mode::exclusive, 0, path_ + "/.tidy");
  if (!alone)
    return alone.error().code() == Code::temporary ? Status{} : tl::unexpected(alone.error());
  SG_CHECK(tidy_temporary());
  SG_CHECK(tidy_entries());
  SG_CHECK(tidy_facts());
  return tidy_index();
}

}  // namespace sifguard
