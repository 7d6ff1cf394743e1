// How a sandboxed child reports to root why it failed. Layout: the child's magic, kind u8; a
// failure is followed by code u8, message bytes, remedy bytes, and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "keystore/base/bytes.h"
#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::uint8_t kAnswerRecord = 1;   ///< kind: the answer follows
inline constexpr std::uint8_t kFailureRecord = 2;  ///< kind: a failure follows

/// A complete answer that is a failure, beginning with `magic`; texts are cut at 1 KiB and made
/// printable.
[[nodiscard]] std::string encode_failure(std::string_view magic, const Error& error);

/// Reads `magic` and kind of an answer. True if the requested data follows; the failure, if that
/// follows instead; false for anything else, and then the reader is rejected.
[[nodiscard]] Result<bool> begin_answer(ByteReader& in, std::string_view magic);

/// Whether printable() would leave `text` unchanged.
[[nodiscard]] bool is_shown_safely(std::string_view text);

}  // namespace sifguard
