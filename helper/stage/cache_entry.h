// The names in the cache, and an entry's entry.json. Written and read by root only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "helper/stage/cache.h"

namespace sifguard {

inline constexpr std::size_t kEntryNameHash = 16;  // hexadecimal digits
inline constexpr std::size_t kMaxEntryJson = 4U << 20U;
inline constexpr std::string_view kCopyPrefix = "copy-";            // tmp/, copy_turn.h
inline constexpr std::string_view kLeavingPrefix = "old-";          // tmp/, leaving.h
inline constexpr std::string_view kPreloadedPrefix = "preloaded-";  // index/, then the boot
inline constexpr const char* kFilesTable = "files";                 // index/, digest_table.h
inline constexpr const char* kEntryFile = "entry.json";
inline constexpr const char* kImageFile = "image.sif";
inline constexpr const char* kMessageFile = "message";  // the pristine CryptoMessage
inline constexpr const char* kStagedBy = "uid";         // of an entry: who staged it,
inline constexpr const char* kStagedAs = "name";        // by which name,
inline constexpr const char* kHits = "hits";            // and a byte for each launch since

/// The entry's directory: "DIGEST-HASH" (cache.h). `key.digest` is checked by the caller.
[[nodiscard]] std::string entry_name(const EntryKey& key);

[[nodiscard]] std::string entry_to_json(const EntryRecord& record, std::string_view boot_id);

/// A number as it is written in the cache's small files: only digits.
[[nodiscard]] std::optional<std::uint64_t> decimal(std::string_view text);

/// nullopt for anything unexpected, and for an entry of another boot: the image is then staged
/// again.
[[nodiscard]] std::optional<EntryRecord> entry_from_json(std::string_view json,
                                                         std::string_view boot_id);

}  // namespace sifguard
