// Text as people paste it from other programs. Any privilege; pure.
#include "keystore/base/pasted.h"

#include <algorithm>
#include <array>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

using namespace std::string_view_literals;

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

/// Unicode's blanks (Zs), and format characters.
bool leaves_no_mark(unsigned point) noexcept {
  return point == 0xA0 || point == 0xAD || point == 0x61C || point == 0x1680 || point == 0x180E ||
         (point >= 0x2000 && point <= 0x200F) || (point >= 0x2028 && point <= 0x202F) ||
         (point >= 0x205F && point <= 0x206F) || point == 0x3000 || point == 0xFEFF;
}

/// These, and hyphens, dashes and colons.
bool is_filler(unsigned point) noexcept {
  return leaves_no_mark(point) || (point >= 0x2010 && point <= 0x2015) || point == 0x2212 ||
         point == 0xFE63 || point == 0xFF0D || point == 0xFF1A;
}

constexpr unsigned kFullWidth = 0xFF01 - '!';  // ！ to ～ are ! to ~, that much higher

/// The plain digit or letter that a full-width one stands for; '\0' for none.
char narrow(unsigned point) noexcept {
  const bool digit = point >= kFullWidth + '0' && point <= kFullWidth + '9';
  const bool upper = point >= kFullWidth + 'A' && point <= kFullWidth + 'F';
  const bool lower = point >= kFullWidth + 'a' && point <= kFullWidth + 'f';
  return digit || upper || lower ? static_cast<char>(point - kFullWidth) : '\0';
}

/// Without fillers, and with plain digits and letters for full-width ones.
std::string without_fillers(std::string_view text) {
  constexpr std::string_view kFillers = " \t\r\n\v\f:-";
  std::string kept;
  while (!text.empty()) {
    const unsigned point = code_point(text);
    const char plain = narrow(point);
    const std::size_t size = point == 0 ? 1 : point < 0x800 ? 2 : 3;
    if (plain != '\0') {
      kept += plain;
    } else if (point == 0 ? kFillers.find(text[0]) == kFillers.npos : !is_filler(point)) {
      kept += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return kept;
}

/// What programs write before digits, as it is without fillers, and whose they are then. Each
/// begins with something that is no hexadecimal digit, or ends in '=': digits alone have none.
struct LabelOf {
  std::string_view label;
  PastedOf whose;
};
constexpr std::array kPastedLabels = {LabelOf{"sha256fingerprint="sv, PastedOf::certificate},
                                      LabelOf{"sha256fingerprint"sv, PastedOf::certificate},
                                      LabelOf{"sha1fingerprint="sv, PastedOf::certificate},
                                      LabelOf{"sha1fingerprint"sv, PastedOf::certificate},
                                      LabelOf{"sha256thumbprint"sv, PastedOf::certificate},
                                      LabelOf{"sha1thumbprint"sv, PastedOf::certificate},
                                      LabelOf{"thumbprint"sv, PastedOf::certificate},
                                      LabelOf{"sha256="sv, PastedOf::certificate},
                                      LabelOf{"sha256"sv, PastedOf::certificate},
                                      LabelOf{"sha1="sv, PastedOf::certificate},
                                      LabelOf{"sha1"sv, PastedOf::certificate},
                                      LabelOf{"serialnumber"sv, PastedOf::certificate},
                                      LabelOf{"serial="sv, PastedOf::certificate},
                                      LabelOf{"fingerprint="sv, PastedOf::unsaid},
                                      LabelOf{"fingerprint"sv, PastedOf::unsaid},
                                      LabelOf{"keyfingerprint="sv, PastedOf::openpgp},
                                      LabelOf{"keyfingerprint"sv, PastedOf::openpgp},
                                      LabelOf{"primarykeyfingerprint="sv, PastedOf::openpgp},
                                      LabelOf{"primarykeyfingerprint"sv, PastedOf::openpgp},
                                      LabelOf{"openpgp4fpr"sv, PastedOf::openpgp},
                                      LabelOf{"fpr"sv, PastedOf::openpgp}};
constexpr std::array kDigestLabels = {"sha256fingerprint="sv, "sha256fingerprint"sv, "sha256="sv,
                                      "sha256"sv};

bool begins_with(std::string_view cleaned, std::string_view label) {
  return to_lower(cleaned.substr(0, label.size())) == label;
}

std::string without_prefix(std::string cleaned, std::size_t length) {
  cleaned.erase(0, length);
  if (cleaned.starts_with("0x") || cleaned.starts_with("0X")) cleaned.erase(0, 2);
  return cleaned;
}

/// The longest that `cleaned` begins with, in any case.
LabelOf label_of(std::string_view cleaned) {
  LabelOf longest{{}, PastedOf::unsaid};
  for (const LabelOf& one : kPastedLabels) {
    if (one.label.size() > longest.label.size() && begins_with(cleaned, one.label)) longest = one;
  }
  return longest;
}

/// `cleaned` without the first of the labels of digests that it begins with, and "0x".
std::string without_digest_label(std::string cleaned) {
  const auto label = std::find_if(kDigestLabels.begin(), kDigestLabels.end(),
                                  [&](std::string_view one) { return begins_with(cleaned, one); });
  const std::size_t length = label == kDigestLabels.end() ? 0 : label->size();
  return without_prefix(std::move(cleaned), length);
}

bool are_digits(std::string_view text, std::size_t count) {
  return text.size() == count &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string pasted_hex(std::string_view text) {
  std::string cleaned = without_fillers(text);
  const std::size_t length = label_of(cleaned).label.size();
  return without_prefix(std::move(cleaned), length);
}

PastedOf pasted_of(std::string_view text) {
  return label_of(without_fillers(text)).whose;
}

std::string pasted_text(std::string_view text) {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the last character that is none of the fillers
  for (std::size_t i = 0; i < text.size();) {
    const unsigned point = code_point(text.substr(i));
    const std::size_t size = point == 0 ? 1 : point < 0x800 ? 2 : 3;
    const bool blank =
        point == 0 ? text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r') : leaves_no_mark(point);
    i += size;
    if (!blank) {
      end = i;
    } else if (end == 0) {
      begin = i;
    }
  }
  return std::string(text.substr(begin, std::max(begin, end) - begin));
}

std::optional<std::string> pasted_id(std::string_view text) {
  constexpr std::size_t kPastedPrefix = 4;
  constexpr std::size_t kSha256Digits = 64;
  const std::string cleaned = to_lower(without_fillers(text));
  for (const std::string_view prefix : {"spki"sv, "cert"sv}) {
    if (!cleaned.starts_with(prefix)) continue;
    const std::string digits = without_digest_label(cleaned.substr(kPastedPrefix));
    if (are_digits(digits, kSha256Digits)) return std::string(prefix) + ":" + digits;
  }
  const std::string digits = without_digest_label(cleaned);
  const bool of_certificate = cleaned.starts_with("sha256fingerprint");
  if (of_certificate && are_digits(digits, kSha256Digits)) return "cert:" + digits;
  return std::nullopt;
}

std::optional<std::string> pasted_digest(std::string_view text) {
  constexpr std::size_t kSha256Digits = 64;
  std::string cleaned = to_lower(without_fillers(text));
  const std::size_t named = cleaned.rfind(")=");  // "SHA2-256(image.sif)= …" of openssl dgst
  const bool dgst = cleaned.starts_with("sha2256(") || cleaned.starts_with("sha256(");
  if (dgst && named != std::string::npos) cleaned.erase(0, named + 2);
  const std::string digits = without_digest_label(std::move(cleaned));
  if (!are_digits(digits, kSha256Digits)) return std::nullopt;
  return "sha256:" + digits;
}

}  // namespace sifguard
