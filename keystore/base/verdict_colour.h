// The colours of verdicts on terminals: green for what is good, yellow for what wants a look, red
// for what is refused. Any privilege; pure but for wants_colour(), which reads the environment.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// Whether what goes to `fd` may be coloured: it is a terminal that can (TERM is set and not
/// "dumb"), and NO_COLOR (https://no-color.org) is not set, or empty.
[[nodiscard]] bool wants_colour(int fd) noexcept;

/// `text` in the colour of the verdict that `verdict` begins with, such as "revoked (CRL)"; as it
/// is where that is none that is known. `text` must have been escaped.
[[nodiscard]] std::string in_colour_of(std::string_view verdict, std::string_view text);

}  // namespace sifguard
