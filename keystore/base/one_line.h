// Text for one line of a terminal that may be copied from there. Any privilege; pure.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// printable(), but that a backslash stays as it is: in subject names (policy/subject_name.h) and
/// in what was made printable before it has a meaning of its own.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t limit = 4096);

}  // namespace sifguard
