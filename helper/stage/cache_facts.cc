// The cache's memory of images that run where they are, of what was staged ahead of jobs, and of
// what registries sent. Root.
#include <fcntl.h>
#include <unistd.h>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entry.h"
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

std::optional<std::string> fetched_file(std::uint32_t uid, const std::string& digest,
                                        const std::string& boot_id) {
  const auto name =
      sha256(as_bytes("fetched\n" + boot_id + "\n" + std::to_string(uid) + "\n" + digest));
  if (!name) return std::nullopt;
  return to_hex(*name);
}

}  // namespace

bool ImageCache::has_fetched(std::uint32_t uid, const std::string& digest) const {
  const auto file = fetched_file(uid, digest, boot_id_);
  return file && indexed(*file) == digest;
}

Status ImageCache::remember_fetched(std::uint32_t uid, const std::string& digest) const {
  const auto file = fetched_file(uid, digest, boot_id_);
  if (!file) return fail(Code::internal, "cannot hash a name");
  SG_TRY(const FileLock held, lock());
  return replace_file(index_.get(), *file, digest, 0600, path_ + "/index");
}

std::optional<std::string> ImageCache::preloaded(const std::string& name) const {
  const auto file = preloaded_file(name, boot_id_);
  return file ? indexed(*file) : std::nullopt;
}

Status ImageCache::remember_preloaded(const std::string& name, const std::string& digest) const {
  const auto file = preloaded_file(name, boot_id_);
  if (!file) return fail(Code::internal, "cannot hash a name");
  SG_TRY(const FileLock held, lock());
  return replace_file(index_.get(), *file, digest, 0600, path_ + "/index");
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
  return replace_file(facts_.get(), entry_name(record), entry_to_json(record, boot_id_), 0600,
                      path_ + "/facts");
}

Status ImageCache::tidy_facts() const {
  SG_TRY(const auto names, list_names_at(facts_.get()));
  for (const std::string& name : names) {
    if (!read_facts(facts_.get(), name, boot_id_)) SG_CHECK(remove_tree_at(facts_.get(), name));
  }
  return {};
}

}  // namespace sifguard
