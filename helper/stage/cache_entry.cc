// The names in the cache, and an entry's entry.json. Written and read by root only.
#include "helper/stage/cache_entry.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "keystore/base/fd.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Json = nlohmann::json;
constexpr unsigned kVersion = 4;  // 4: two forms of sealed keys; 3, modes of release, is read, too
constexpr JsonRules kRules = {.code = Code::refused, .max_bytes = SIZE_MAX, .exact = true};

}  // namespace

std::string entry_name(const EntryKey& key) {
  Sha256 hash;
  const std::string_view mode = key.release == Release::mount ? ":mount" : "";
  hash.update(as_bytes(key.keyring + ":" + key.key_id + std::string(mode)));
  const auto digest = hash.finish();
  // Without a hash (out of memory) the name is one that is never found.
  return key.digest + "-" + (digest ? to_hex(*digest).substr(0, kEntryNameHash) : "");
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string entry_to_json(const EntryRecord& record, std::string_view boot_id) {
  const Json object = {{"version", kVersion},
                       {"boot", boot_id},
                       {"digest", record.digest},
                       {"keyring", record.keyring},
                       {"key", record.key_id},
                       {"release", release_name(record.release)},
                       {"sealed", to_hex(record.sealed_key)},
                       {"content", to_hex(record.sealed_content_key)},
                       {"facts", facts_to_json(*record.facts)}};
  return object.dump();
}

std::optional<EntryRecord> entry_from_json(std::string_view json, std::string_view boot_id) {
  StrictObject object = StrictObject::parse(json, "an entry", kRules);
  const auto version = object.number<unsigned>("version");
  if (version != kVersion && version != kVersion - 1) object.reject("another version");
  if (object.string("boot") != boot_id) object.reject("of another boot");
  EntryKey key{object.string("digest"), object.string("keyring"), object.string("key")};
  const auto release = release_of(object.string("release"));
  auto sealed = from_hex(object.string("sealed"));
  auto content = from_hex(object.string("content"));
  const std::string facts = object.string("facts");
  if (!object.finish()) return std::nullopt;
  const auto digest = from_hex(key.digest);
  auto parsed = facts_from_json(facts);
  if (key.digest.size() != 64 || !digest || to_hex(*digest) != key.digest || !release || !sealed ||
      !content || !parsed) {
    return std::nullopt;
  }
  key.release = *release;
  return EntryRecord{std::move(key), *std::move(parsed), *std::move(sealed), *std::move(content)};
}

}  // namespace sifguard
