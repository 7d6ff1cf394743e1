// The payload of a bundle before archive.h: named files, one after the other. It is read, but no
// longer written. Pure.
//
// Format: "sifguard-bundle 1\n", then for each file "NAME SIZE\n", its bytes and "\n". NAME is 1 to
// 200 of [A-Za-z0-9._/-], SIZE decimal without leading zeros; no name twice; nothing after the
// last.
#pragma once

#include <span>

#include "keystore/store/archive.h"

namespace sifguard {

/// Whether it is such a payload, by its first bytes.
[[nodiscard]] bool is_old_payload(std::span<const std::byte> payload) noexcept;
/// The files in order; they refer to `payload`. Errors: Code::refused.
[[nodiscard]] Result<std::vector<ArchiveFile>> parse_old_payload(
    std::span<const std::byte> payload);

}  // namespace sifguard
