// The colours of verdicts on terminals: green for good, yellow for a warning, red for a refusal.
// Any privilege; pure except wants_colour(), which reads the environment.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// Whether output to `fd` may be coloured: it is a terminal with colours (TERM is set and not
/// "dumb"), and NO_COLOR (https://no-color.org) is unset or empty.
[[nodiscard]] bool wants_colour(int fd) noexcept;

/// `text` in the colour of the verdict with which `verdict` begins, such as "revoked (CRL)";
/// unchanged if that is unknown. `text` must have been escaped.
[[nodiscard]] std::string in_colour_of(std::string_view verdict, std::string_view text);

}  // namespace sifguard
