// The node's cache of staged images: removing entries and tidying. Root.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entry.h"
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

Status ImageCache::tidy_temporary() const {
  SG_TRY(const auto leftovers, list_names_at(temporary_.get()));
  for (const std::string& name : leftovers) {
    if (name.starts_with(kCopyPrefix)) {
      // A lock file: whoever holds it keeps it, and whoever waits for it makes a new one.
      if (FileLock::acquire(temporary_.get(), name, FileLock::Mode::exclusive, 0, name)) {
        ::unlinkat(temporary_.get(), name.c_str(), 0);
      }
      continue;
    }
    SG_CHECK(remove_tree_at(temporary_.get(), name));
  }
  return {};
}

Status ImageCache::tidy_index() const {
  SG_TRY(auto entries, list_names_at(entries_.get()));
  SG_TRY(const auto in_place, list_names_at(facts_.get()));
  entries.insert(entries.end(), in_place.begin(), in_place.end());
  std::set<std::string> digests;
  for (const std::string& name : entries) digests.insert(name.substr(0, 64));
  SG_TRY(const auto names, list_names_at(index_.get()));
  for (const std::string& name : names) {
    const UniqueFd fd(::openat(index_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const auto digest = read_to_end(fd.get(), 64, "cache index");
    const bool ours =
        name.size() == 64 || name.starts_with(std::string(kPreloadedPrefix) + boot_id_ + "-");
    if (!ours || !digest || !digests.contains(*digest)) {
      SG_CHECK(remove_tree_at(index_.get(), name));
    }
  }
  return {};
}

Status ImageCache::tidy() const {
  SG_TRY(const FileLock held, lock());
  SG_CHECK(tidy_temporary());
  SG_TRY(const auto names, list_names_at(entries_.get()));
  for (const std::string& name : names) {
    if (!load(name)) SG_CHECK(remove_entry(name));
  }
  SG_CHECK(tidy_facts());
  return tidy_index();
}

}  // namespace sifguard
