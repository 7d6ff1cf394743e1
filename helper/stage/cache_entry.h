// The name of a cache entry and its entry.json. Written and read by root only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "helper/stage/cache.h"

namespace sifguard {

inline constexpr std::size_t kEntryNameHash = 16;  // hexadecimal digits
inline constexpr std::size_t kMaxEntryJson = 4U << 20U;

/// The entry's directory: "DIGEST-HASH" (cache.h). `key.digest` is checked by the caller.
[[nodiscard]] std::string entry_name(const EntryKey& key);

[[nodiscard]] std::string entry_to_json(const EntryRecord& record, std::string_view boot_id);

/// nullopt for anything unexpected, and for an entry of another boot: it is then staged anew.
[[nodiscard]] std::optional<EntryRecord> entry_from_json(std::string_view json,
                                                         std::string_view boot_id);

}  // namespace sifguard
