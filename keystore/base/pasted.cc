// Text as people paste it from other programs. Any privilege; pure.
#include "keystore/base/pasted.h"

namespace sifguard {
namespace {

/// The code point of a sequence of two or three bytes at the start, which is all that is looked for
/// here; 0 for anything else.
unsigned code_point(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i) { return i < text.size() && (at(i) & 0xC0U) == 0x80U; };
  if ((at(0) & 0xE0U) == 0xC0U && tail(1)) return (at(0) & 0x1FU) << 6U | (at(1) & 0x3FU);
  if ((at(0) & 0xF0U) == 0xE0U && tail(1) && tail(2)) {
    return (at(0) & 0x0FU) << 12U | (at(1) & 0x3FU) << 6U | (at(2) & 0x3FU);
  }
  return 0;
}

/// Unicode's blanks (Zs), hyphens and dashes, and format characters that leave no mark.
bool is_filler(unsigned point) noexcept {
  return point == 0xA0 || point == 0xAD || point == 0x61C || point == 0x1680 || point == 0x180E ||
         (point >= 0x2000 && point <= 0x2015) || (point >= 0x2028 && point <= 0x202F) ||
         (point >= 0x205F && point <= 0x206F) || point == 0x2212 || point == 0x3000 ||
         point == 0xFE63 || point == 0xFEFF || point == 0xFF0D || point == 0xFF1A;
}

constexpr unsigned kFullWidth = 0xFF01 - '!';  // ！ to ～ are ! to ~, that much higher

/// The plain digit or letter that a full-width one stands for; '\0' for none.
char narrow(unsigned point) noexcept {
  const bool digit = point >= kFullWidth + '0' && point <= kFullWidth + '9';
  const bool upper = point >= kFullWidth + 'A' && point <= kFullWidth + 'F';
  const bool lower = point >= kFullWidth + 'a' && point <= kFullWidth + 'f';
  return digit || upper || lower ? static_cast<char>(point - kFullWidth) : '\0';
}

}  // namespace

std::string pasted_hex(std::string_view text) {
  constexpr std::string_view kFillers = " \t\r\n\v\f:-";
  std::string digits;
  while (!text.empty()) {
    const unsigned point = code_point(text);
    const char plain = narrow(point);
    const std::size_t size = point == 0 ? 1 : point < 0x800 ? 2 : 3;
    if (plain != '\0') {
      digits += plain;
    } else if (point == 0 ? kFillers.find(text[0]) == kFillers.npos : !is_filler(point)) {
      digits += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.erase(0, 2);
  return digits;
}

}  // namespace sifguard
