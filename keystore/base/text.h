// Small, exact conversions between bytes and text. Any process, any privilege.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
/// The exact inverse, in either case; nullopt for an odd length or another character.
[[nodiscard]] std::optional<std::vector<std::byte>> from_hex(std::string_view text);

/// `text` made safe for one line of a terminal or log: control characters, backslashes and bytes
/// that are not well-formed UTF-8 become \xNN; it is cut with "…" after `limit` bytes of output.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 4096);

/// Whether `text` is well-formed UTF-8 without NUL.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

[[nodiscard]] std::string to_lower(std::string_view ascii);
[[nodiscard]] std::string to_upper(std::string_view ascii);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// Whether it is a name as for keys and bindings: 1 to 64 of [A-Za-z0-9._-], not starting with '.'
/// or '-'.
[[nodiscard]] bool is_name(std::string_view text) noexcept;

/// An OpenPGP v4 fingerprint: 40 hexadecimal digits; spaces are dropped and letters become
/// upper-case.
/// Errors: Code::usage for short ids and anything else.
[[nodiscard]] Result<std::string> normalize_fingerprint(std::string_view text);

/// UTC, "2026-01-31T23:59:59Z" (and ".123Z" with milliseconds).
[[nodiscard]] std::string format_utc(std::int64_t unix_seconds);
[[nodiscard]] std::string format_utc_ms(std::int64_t unix_milliseconds);

}  // namespace sifguard
