// How a sandboxed child tells root why it failed. Layout after kind u8: code u8, message bytes,
// remedy bytes.
#pragma once

#include <optional>
#include <string_view>

#include "keystore/base/bytes.h"
#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::uint8_t kAnswerRecord = 1;   ///< kind: the answer follows
inline constexpr std::uint8_t kFailureRecord = 2;  ///< kind: a failure follows

/// Writes kind and failure; texts are cut at 1 KiB and made printable.
void encode_failure(ByteWriter& out, const Error& error);

/// The failure after its kind, which must end the data; nullopt when it is malformed.
[[nodiscard]] std::optional<Error> decode_failure(ByteReader& in);

/// Whether printable() has nothing left to escape in `text`.
[[nodiscard]] bool is_shown_safely(std::string_view text);

}  // namespace sifguard
