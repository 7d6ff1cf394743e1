// Small, exact conversions between bytes and text. Any process, any privilege.
#include "keystore/base/text.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "keystore/base/ascii.h"
#include "keystore/base/fd.h"
#include "keystore/base/pasted.h"

namespace sifguard {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Length of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none.
/// The bounds are those of table 3-7 of the Unicode standard.
std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && at(i) >= low && at(i) <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = tail(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = tail(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/// C1 controls and the directional overrides, which could make a line read as another.
bool is_deceptive(std::string_view sequence) noexcept {
  if (sequence.size() == 2)
    return sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
  if (sequence.size() != 3 || sequence[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(sequence[1]);
  const auto third = static_cast<unsigned char>(sequence[2]);
  return (second == 0x80 && (third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE))) ||
         (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

std::string format_with(const char* pattern, std::int64_t unix_seconds) {
  const auto seconds = static_cast<time_t>(unix_seconds);
  struct tm parts {};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "invalid";
  std::array<char, 64> text{};
  return {text.data(), ::strftime(text.data(), text.size(), pattern, &parts)};
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    text += kHexDigits[std::to_integer<unsigned>(b) >> 4U];
    text += kHexDigits[std::to_integer<unsigned>(b) & 15U];
  }
  return text;
}

std::optional<std::vector<std::byte>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return bytes;
}

std::string printable(std::string_view text, std::size_t limit) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '\\'; };
  if (text.size() <= limit && std::all_of(text.begin(), text.end(), plain)) {
    return std::string(text);  // what nearly every text is, and tables have many
  }
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view piece = text.substr(0, std::max<std::size_t>(length, 1));
    const auto first = static_cast<unsigned char>(piece[0]);
    const bool control = length == 1 && (first < 0x20 || first == 0x7F || first == '\\');
    std::string next;
    if (length == 0 || control || is_deceptive(piece)) {
      for (const char c : piece) next += "\\x" + to_hex(as_bytes({&c, 1}));
    } else {
      next = piece;
    }
    if (shown.size() + next.size() > limit) return shown + "…";
    shown += next;
    text.remove_prefix(piece.size());
  }
  return shown;
}

bool is_utf8(std::string_view text) noexcept {
  for (;;) {
    const auto special = std::find_if(text.begin(), text.end(), [](char c) { return c <= 0; });
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()));
    if (text.empty()) return true;
    const std::size_t length = utf8_sequence(text);
    if (length == 0 || text[0] == '\0') return false;
    text.remove_prefix(length);
  }
}

std::string to_lower(std::string_view ascii) {
  std::string text(ascii);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string to_upper(std::string_view ascii) {
  std::string text(ascii);
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > 64 || text[0] == '.' || text[0] == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

Result<std::string> normalize_fingerprint(std::string_view text) {
  constexpr std::size_t kDigits = 40;
  constexpr std::size_t kNewerDigits = 64;  // of OpenPGP keys of version 5 and 6
  const std::string digits = to_upper(pasted_hex(text));
  const bool hexadecimal = digits.find_first_not_of("0123456789ABCDEF") == std::string::npos;
  if (pasted_of(text) == PastedOf::certificate) {
    return fail(
        Code::usage,
        "not an OpenPGP fingerprint: '" + printable(text, 200) +
            "' says that it is of a certificate",
        "a certificate's signer is named by cert:… or x509:…, as `sifctl signer list` shows "
        "it; gpg --fingerprint shows those of OpenPGP keys");
  }
  if (hexadecimal && digits.size() == kDigits) return digits;
  return fail(Code::usage, "not a full OpenPGP fingerprint: '" + printable(text, 100) + "'",
              hexadecimal && digits.size() == kNewerDigits
                  ? "64 digits are of a version 5 or 6 key, which signs no image; of a raw public "
                    "key they are written spki:…"
                  : "give all 40 hexadecimal digits, as `gpg --fingerprint` prints them");
}

std::string format_utc(std::int64_t unix_seconds) {
  return format_with("%Y-%m-%dT%H:%M:%SZ", unix_seconds);
}

std::string format_utc_ms(std::int64_t unix_milliseconds) {
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                static_cast<int>(unix_milliseconds % 1000));
  return format_with("%Y-%m-%dT%H:%M:%S", unix_milliseconds / 1000) + fraction.data();
}

}  // namespace sifguard
