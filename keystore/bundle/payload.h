// The inside of a bundle: named files, one after the other. Pure.
//
// Format: "sifguard-bundle 1\n", then for each file "NAME SIZE\n", its bytes and "\n". NAME is 1 to
// 200 of [A-Za-z0-9._/-], SIZE decimal without leading zeros; no name twice; nothing after the
// last. An admin can read it: openssl cms -decrypt … | openssl cms -verify …
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

inline constexpr std::size_t kMaxPayload = std::size_t{128} << 20U;
inline constexpr std::size_t kMaxPayloadFiles = 100'000;

struct PayloadFile {
  std::string name;
  std::span<const std::byte> content;  ///< borrowed
};

/// Errors: Code::usage for what could not be read again.
[[nodiscard]] Result<SecretBytes> format_payload(const std::vector<PayloadFile>& files);
/// In order; borrows from `payload`. Errors: Code::refused.
[[nodiscard]] Result<std::vector<PayloadFile>> parse_payload(std::span<const std::byte> payload);

}  // namespace sifguard
