// Text for one line of a terminal that may be copied from there. Any privilege; pure.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// Like printable(), but a backslash is unchanged, because it has a meaning in subject names
/// (policy/subject_name.h) and in text that was already made printable.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t limit = 4096);

}  // namespace sifguard
