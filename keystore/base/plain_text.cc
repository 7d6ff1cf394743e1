// Converts text, in place, to the form that a PEM reader accepts; it may contain keys. Any
// privilege; pure.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "keystore/base/file_kind.h"

namespace sifguard {
namespace {

using namespace std::string_view_literals;

/// Where UTF-16 begins, and which of two bytes is the higher; nullopt for anything else.
struct Utf16 {
  std::size_t start = 0;
  std::size_t low = 0;  ///< index of the lower byte in a pair
};

std::optional<Utf16> utf16_in(std::string_view data) noexcept {
  if (data.starts_with("\xff\xfe")) return Utf16{2, 0};
  if (data.starts_with("\xfe\xff") && !data.starts_with("\xfe\xff\xfe")) return Utf16{2, 1};
  if (data.starts_with("-\0-\0"sv)) return Utf16{0, 0};
  if (data.starts_with("\0-\0-"sv)) return Utf16{0, 1};
  return std::nullopt;
}

bool is_ascii_utf16(std::string_view data, const Utf16& form) noexcept {
  if ((data.size() - form.start) % 2 != 0) return false;
  for (std::size_t i = form.start; i < data.size(); i += 2) {
    if (data[i + 1 - form.low] != '\0' || data[i + form.low] <= 0) return false;
  }
  return true;
}

/// CR alone becomes LF; a CR that stands, with others perhaps, before a LF is of that.
void end_lines(std::span<char> data) noexcept {
  const std::string_view text(data.data(), data.size());
  if (text.find("-----BEGIN ") == text.npos) return;
  for (std::size_t at = text.find('\r'); at != text.npos; at = text.find('\r', at)) {
    const std::size_t end = std::min(text.find_first_not_of('\r', at), text.size());
    const bool of_lf = end < text.size() && text[end] == '\n';
    for (; at < end; ++at) data[at] = of_lf ? '\r' : '\n';
  }
}

/// Narrows in place; how many bytes are left.
std::size_t narrow(std::span<char> data) noexcept {
  const std::string_view text(data.data(), data.size());
  const auto form = utf16_in(text);
  std::size_t size = 0;
  if (form && is_ascii_utf16(text, *form)) {
    for (std::size_t i = form->start; i < data.size(); i += 2) data[size++] = data[i + form->low];
    return size;
  }
  const std::size_t start = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  for (std::size_t i = start; start > 0 && i < data.size(); ++i) data[size++] = data[i];
  return start > 0 ? size : data.size();
}

}  // namespace

std::string plain_text(std::string text) {
  text.resize(narrow(text));
  end_lines(text);
  return text;
}

Result<SecretBytes> plain_text(SecretBytes text) {
  const auto bytes = text.bytes();
  if (bytes.empty()) return text;
  char* const data = reinterpret_cast<char*>(bytes.data());
  const std::size_t size = narrow({data, bytes.size()});
  end_lines({data, size});
  text.shrink(size);
  return text;
}

}  // namespace sifguard
