// Text as people paste it from other programs. Any privilege; pure.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// Hexadecimal digits without what certificate viewers, gpg and web pages put around them: "0x" in
/// front, blanks, colons, hyphens and dashes, and what cannot be seen (no-break and other Unicode
/// blanks, zero-width characters, directional marks, a byte order mark); full-width digits and
/// letters become plain. Anything else stays, so that whoever wants digits refuses it.
[[nodiscard]] std::string pasted_hex(std::string_view text);

}  // namespace sifguard
