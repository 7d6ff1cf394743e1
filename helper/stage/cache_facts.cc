// What the cache remembers about images that run in place, images that were staged ahead of jobs,
// and images from registries. Root.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entry.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

std::optional<EntryRecord> read_facts(int directory, const std::string& name,
                                      std::string_view boot_id) {
  const UniqueFd fd(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  const auto text = read_to_end(fd.get(), kMaxEntryJson, "cached facts");
  if (!text) return std::nullopt;
  auto record = entry_from_json(*text, boot_id);
  if (!record || entry_name(*record) != name) return std::nullopt;
  return record;
}

/// The index file of a name; a hash, since a name may be as long as a path.
std::optional<std::string> preloaded_file(const std::string& name, const std::string& boot_id) {
  const auto digest = sha256(as_bytes(name));
  if (!digest) return std::nullopt;
  return std::string(kPreloadedPrefix) + boot_id + "-" + to_hex(*digest);
}

DigestTable::Key fetched(std::uint32_t uid, const std::string& digest) {
  const std::string text = "fetched by " + std::to_string(uid) + ": " + digest;
  return {text, text};
}

}  // namespace

bool ImageCache::has_fetched(std::uint32_t uid, const std::string& digest) const {
  const auto found = files_.find(fetched(uid, digest));
  return found && found->digest == digest;
}

Status ImageCache::remember_fetched(std::uint32_t uid, const std::string& digest) const {
  return files_.put(fetched(uid, digest), digest, uid, boottime_ns());
}

std::optional<std::string> ImageCache::preloaded(const ImageName& name) const {
  const auto file = preloaded_file(name.text(), boot_id_);
  return file ? indexed(*file) : std::nullopt;
}

Status ImageCache::remember_preloaded(const ImageName& name, const std::string& digest) const {
  const auto file = preloaded_file(name.text(), boot_id_);
  if (!file) return fail(Code::internal, "cannot hash a name");
  SG_TRY(const FileLock held, lock());
  SG_TRY(const auto names, list_names_at(index_.get()));
  if (names.size() > max_names_ && !contains(names, *file)) {
    return fail(
        Code::temporary,
        "as many images are preloaded on this node as may be: " + std::to_string(max_names_),
        "sifguard-helper reap forgets those that the cache has dropped");
  }
  return replace_fleeting_file(index_.get(), *file, digest, 0600, path_ + "/index");
}

Result<std::set<std::string>> ImageCache::preloaded_digests() const {
  std::set<std::string> digests;
  SG_TRY(const auto names, list_names_at(index_.get()));
  for (const std::string& name : names) {
    if (!name.starts_with(std::string(kPreloadedPrefix) + boot_id_)) continue;
    if (auto digest = indexed(name)) digests.insert(*std::move(digest));
  }
  return digests;
}

std::optional<EntryRecord> ImageCache::facts_of(const EntryKey& key) const {
  if (key.digest.size() != 64 || !from_hex(key.digest)) return std::nullopt;
  auto record = read_facts(facts_.get(), entry_name(key), boot_id_);
  if (!record || static_cast<const EntryKey&>(*record) != key) return std::nullopt;
  return record;
}

Status ImageCache::remember_facts(const EntryRecord& record) const {
  SG_TRY(const FileLock held, lock());
  SG_CHECK(make_place_for_facts());
  return replace_fleeting_file(facts_.get(), entry_name(record), entry_to_json(record, boot_id_),
                               0600, path_ + "/facts");
}

Status ImageCache::make_place_for_facts() const {
  SG_TRY(const auto names, list_names_at(facts_.get()));
  if (names.size() < max_names_) return {};
  const auto age = [&](const std::string& name) {
    struct stat st {};
    const bool there = ::fstatat(facts_.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
    return std::pair(there ? st.st_mtim.tv_sec : 0, there ? st.st_mtim.tv_nsec : 0);
  };
  std::vector<std::pair<decltype(age(names.front())), std::string>> oldest;
  for (const std::string& name : names) oldest.emplace_back(age(name), name);
  std::sort(oldest.begin(), oldest.end());
  // There are very many only where an older version has left them: the rest is for the next one.
  constexpr std::size_t kAtOnce = 256;
  const std::size_t going = std::min(kAtOnce, names.size() - max_names_ + 1);
  for (std::size_t i = 0; i < going; ++i) {
    SG_CHECK(remove_tree_at(facts_.get(), oldest[i].second));
  }
  return {};
}

Status ImageCache::tidy_facts() const {
  SG_TRY(const auto names, list_names_at(facts_.get()));
  return in_slices(names, [&](const std::string& name, Leaving&) -> Status {
    if (read_facts(facts_.get(), name, boot_id_)) return {};
    return remove_tree_at(facts_.get(), name);
  });
}

}  // namespace sifguard
