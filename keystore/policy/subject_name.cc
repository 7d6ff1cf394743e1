// Subject names of certificates as text: types, strings and the canonical form. Any privilege.
#include "keystore/policy/subject_name.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

struct KnownType {
  std::string_view name;
  std::string_view oid;
};
/// OpenSSL's short names of what is found in subjects (RFC 4519, RFC 5280 A.1, PKCS #9, CA/B EV).
constexpr std::array kKnownTypes = {
    KnownType{"CN", "2.5.4.3"},
    KnownType{"SN", "2.5.4.4"},
    KnownType{"serialNumber", "2.5.4.5"},
    KnownType{"C", "2.5.4.6"},
    KnownType{"L", "2.5.4.7"},
    KnownType{"ST", "2.5.4.8"},
    KnownType{"street", "2.5.4.9"},
    KnownType{"O", "2.5.4.10"},
    KnownType{"OU", "2.5.4.11"},
    KnownType{"title", "2.5.4.12"},
    KnownType{"description", "2.5.4.13"},
    KnownType{"businessCategory", "2.5.4.15"},
    KnownType{"postalCode", "2.5.4.17"},
    KnownType{"name", "2.5.4.41"},
    KnownType{"GN", "2.5.4.42"},
    KnownType{"initials", "2.5.4.43"},
    KnownType{"generationQualifier", "2.5.4.44"},
    KnownType{"dnQualifier", "2.5.4.46"},
    KnownType{"pseudonym", "2.5.4.65"},
    KnownType{"organizationIdentifier", "2.5.4.97"},
    KnownType{"UID", "0.9.2342.19200300.100.1.1"},
    KnownType{"DC", "0.9.2342.19200300.100.1.25"},
    KnownType{"emailAddress", "1.2.840.113549.1.9.1"},
    KnownType{"unstructuredName", "1.2.840.113549.1.9.2"},
    KnownType{"jurisdictionL", "1.3.6.1.4.1.311.60.2.1.1"},
    KnownType{"jurisdictionST", "1.3.6.1.4.1.311.60.2.1.2"},
    KnownType{"jurisdictionC", "1.3.6.1.4.1.311.60.2.1.3"},
};
constexpr std::size_t kMaxOid = 128;

/// Dotted decimal without leading zeros, at least two arcs, the first two as X.660 bounds them.
bool is_oid(std::string_view text) {
  if (text.size() > kMaxOid) return false;
  const std::vector<std::string> arcs = split(text, '.');
  const auto is_arc = [](const std::string& arc) {
    return !arc.empty() && arc.size() <= 18 && (arc[0] != '0' || arc.size() == 1) &&
           arc.find_first_not_of("0123456789") == std::string::npos;
  };
  if (arcs.size() < 2 || !std::all_of(arcs.begin(), arcs.end(), is_arc)) return false;
  return arcs[0] == "2" || ((arcs[0] == "0" || arcs[0] == "1") &&
                            (arcs[1].size() == 1 || (arcs[1].size() == 2 && arcs[1] < "40")));
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xc0U | point >> 6U);
    byte(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    byte(0xe0U | point >> 12U);
    byte(0x80U | (point >> 6U & 0x3fU));
    byte(0x80U | (point & 0x3fU));
  } else {
    byte(0xf0U | point >> 18U);
    byte(0x80U | (point >> 12U & 0x3fU));
    byte(0x80U | (point >> 6U & 0x3fU));
    byte(0x80U | (point & 0x3fU));
  }
}

/// Big-endian code points of `width` bytes each.
std::optional<std::string> from_wide(std::string_view content, std::size_t width) {
  if (content.size() % width != 0) return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < content.size(); i += width) {
    std::uint32_t point = 0;
    for (const char c : content.substr(i, width))
      point = point << 8U | static_cast<unsigned char>(c);
    if (point > 0x10ffff) return std::nullopt;
    append_utf8(text, point);  // surrogates become what is_utf8() refuses
  }
  return text;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string escaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool first = i == 0;
    const bool last = i + 1 == value.size();
    if (static_cast<unsigned char>(c) < ' ' || c > '~' || static_cast<unsigned char>(c) >= 0x80) {
      out += "\\" + to_upper(to_hex(std::as_bytes(std::span(&c, 1))));
      continue;
    }
    if (std::string_view(",+\"\\<>;").find(c) != std::string_view::npos || (first && c == '#') ||
        ((first || last) && c == ' ')) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string format_part(const RelativeName& part) {
  std::vector<std::string> attributes;
  attributes.reserve(part.size());
  for (const NameAttribute& attribute : part) {
    attributes.push_back(attribute.type + "=" + escaped(attribute.value));
  }
  std::sort(attributes.begin(), attributes.end());
  std::string text;
  for (const std::string& attribute : attributes) {
    text += (text.empty() ? "" : "+") + attribute;
  }
  return text;
}

}  // namespace

std::optional<std::string> attribute_type(std::string_view text) {
  const std::string lower = to_lower(text);
  for (const KnownType& known : kKnownTypes) {
    if (text == known.oid || lower == to_lower(known.name)) return std::string(known.name);
  }
  if (is_oid(text)) return std::string(text);
  return std::nullopt;
}

std::string attribute_oid(std::string_view type) {
  for (const KnownType& known : kKnownTypes) {
    if (type == known.name) return std::string(known.oid);
  }
  return is_oid(type) ? std::string(type) : std::string();
}

std::optional<std::string> text_of_asn1(int tag, std::string_view content) {
  std::optional<std::string> text;
  switch (tag) {
    case 12:  // UTF8String
      text = std::string(content);
      break;
    case 18:  // NumericString
    case 19:  // PrintableString
    case 20:  // T61String: its other half means different things to different programs
    case 22:  // IA5String
    case 26:  // VisibleString
      if (is_ascii(content)) text = std::string(content);
      break;
    case 28:  // UniversalString
      text = from_wide(content, 4);
      break;
    case 30:  // BMPString
      text = from_wide(content, 2);
      break;
    default:
      break;
  }
  if (text && !is_utf8(*text)) text.reset();
  return text;
}

Result<std::string> format_subject(const SubjectName& name) {
  std::string text;
  for (const auto& part : name) {  // the last one first
    text.insert(0, format_part(part) + (text.empty() ? "" : ","));
  }
  if (text.size() > kMaxSubjectText) {
    return fail(Code::usage, "the subject name is longer than " + std::to_string(kMaxSubjectText) +
                                 " characters");
  }
  return text;
}

Result<std::string> canonical_subject(std::string_view text) {
  SG_TRY(const SubjectName name, parse_subject(text));
  return format_subject(name);
}

}  // namespace sifguard
