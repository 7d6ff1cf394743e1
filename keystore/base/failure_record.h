// How a sandboxed child tells root why it failed. Layout: a magic of the child's, kind u8; of a
// failure then code u8, message bytes, remedy bytes, and nothing after.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "keystore/base/bytes.h"
#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::uint8_t kAnswerRecord = 1;   ///< kind: the answer follows
inline constexpr std::uint8_t kFailureRecord = 2;  ///< kind: a failure follows

/// A whole answer that is a failure, after `magic`; texts are cut at 1 KiB and made printable.
[[nodiscard]] std::string encode_failure(std::string_view magic, const Error& error);

/// Takes `magic` and kind off an answer. Whether what was asked for follows; the failure, if one
/// does instead; false for anything else, the reader being rejected then.
[[nodiscard]] Result<bool> begin_answer(ByteReader& in, std::string_view magic);

/// Whether printable() has nothing left to escape in `text`.
[[nodiscard]] bool is_shown_safely(std::string_view text);

}  // namespace sifguard
