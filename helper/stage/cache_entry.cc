// The names in the cache, and an entry's entry.json. Written and read by root only.
#include "helper/stage/cache_entry.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "helper/verify/wire/strict_json.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Json = nlohmann::json;
constexpr int kVersion = 2;  // 2: sealed keys have a label

std::optional<std::string> text_of(const Json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) return std::nullopt;
  return field->get<std::string>();
}

}  // namespace

std::string entry_name(const EntryKey& key) {
  Sha256 hash;
  hash.update(as_bytes(key.keyring + ":" + key.key_id));
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
                       {"sealed", to_hex(record.sealed_key)},
                       {"facts", facts_to_json(*record.facts)}};
  return object.dump();
}

std::optional<EntryRecord> entry_from_json(std::string_view json, std::string_view boot_id) {
  const auto object = parse_strict_json(json);
  if (!object ||
      !check_keys(*object, {"version", "boot", "digest", "keyring", "key", "sealed", "facts"},
                  "an entry") ||
      object->at("version") != Json(kVersion)) {
    return std::nullopt;
  }
  const auto boot = text_of(*object, "boot");
  const auto digest = text_of(*object, "digest");
  const auto keyring = text_of(*object, "keyring");
  const auto key = text_of(*object, "key");
  const auto sealed = text_of(*object, "sealed");
  const auto facts = text_of(*object, "facts");
  if (!boot || !digest || !keyring || !key || !sealed || !facts || *boot != boot_id) {
    return std::nullopt;
  }
  const auto digest_bytes = from_hex(*digest);
  auto sealed_bytes = from_hex(*sealed);
  auto parsed = facts_from_json(*facts);
  if (digest->size() != 64 || !digest_bytes || to_hex(*digest_bytes) != *digest || !sealed_bytes ||
      !parsed) {
    return std::nullopt;
  }
  return EntryRecord{{*digest, *keyring, *key}, *std::move(parsed), *std::move(sealed_bytes)};
}

}  // namespace sifguard
