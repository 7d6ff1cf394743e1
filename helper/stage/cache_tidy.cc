// The node's cache of staged images: removing entries and tidying. Root.
#include <time.h>

#include <functional>
#include <set>
#include <vector>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entry.h"
#include "keystore/base/clock.h"
#include "keystore/base/tree.h"

namespace sifguard {

/// Others want the lock, and there may be very many names: leftovers of years, or of an older
/// version. Whoever waits looks every 10 ms.
Status ImageCache::in_slices(
    const std::vector<std::string>& names,
    const std::function<Status(const std::string& name, Leaving& leaving)>& each) const {
  constexpr std::int64_t kSliceMs = 20;
  constexpr struct timespec kPause = {0, 20'000'000};
  for (std::size_t next = 0; next < names.size();) {
    if (next != 0) ::nanosleep(&kPause, nullptr);
    Leaving leaving(temporary_.get());
    SG_TRY(const FileLock held, lock());
    const std::int64_t end = monotonic_ms() + kSliceMs;
    do {
      SG_CHECK(each(names[next], leaving));
    } while (++next < names.size() && monotonic_ms() < end);
  }
  return {};
}

Result<std::vector<std::string>> ImageCache::turns() const {
  SG_TRY(auto names, list_names_at(temporary_.get()));
  std::erase_if(names, [](const std::string& name) { return !name.starts_with(kCopyPrefix); });
  return names;
}

Status ImageCache::remove_ended_turns(const std::vector<std::string>& names) const {
  return in_slices(names, [&](const std::string& name, Leaving&) -> Status {
    remove_ended_turn(temporary_.get(), name);
    return {};
  });
}

/// What is not leaving and no turn is an entry that a killed helper was making: who makes one holds
/// the lock.
Status ImageCache::tidy_temporary() const {
  SG_TRY(const auto ended, turns());
  SG_CHECK(remove_ended_turns(ended));
  SG_CHECK(remove_leaving(temporary_.get()));
  SG_TRY(auto names, list_names_at(temporary_.get()));
  std::erase_if(names, [](const std::string& name) {
    return name.starts_with(kCopyPrefix) || name.starts_with(kLeavingPrefix);
  });
  return in_slices(names, [&](const std::string& name, Leaving& leaving) {
    return leaving.take(temporary_.get(), name);
  });
}

Status ImageCache::tidy_entries() const {
  SG_TRY(const auto names, list_names_at(entries_.get()));
  return in_slices(names, [&](const std::string& name, Leaving& leaving) -> Status {
    return load(name) ? Status{} : leaving.take(entries_.get(), name);
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
  SG_TRY(const auto names, list_names_at(index_.get()));
  SG_CHECK(in_slices(names, [&](const std::string& name, Leaving&) -> Status {
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
