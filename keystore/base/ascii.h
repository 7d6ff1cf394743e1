// Kinds of ASCII characters, whatever the locale. Any privilege; pure.
#pragma once

namespace sifguard {

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace sifguard
