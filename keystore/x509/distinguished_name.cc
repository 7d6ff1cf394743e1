// The names in a certificate as text. Any privilege.
#include "keystore/x509/distinguished_name.h"

#include <algorithm>
#include <array>

#include "keystore/base/fd.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/x509/handles.h"
#include "keystore/x509/verdict.h"

namespace sifguard {
namespace {

constexpr std::size_t kShownName = 96;

std::string_view text_view(const ASN1_STRING* text) {
  const auto* const data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
  return {data, static_cast<std::size_t>(ASN1_STRING_length(text))};
}

Result<NameAttribute> attribute_of(const X509_NAME_ENTRY* entry) {
  std::array<char, 128> oid{};
  const int size = OBJ_obj2txt(oid.data(), oid.size(), X509_NAME_ENTRY_get_object(entry), 1);
  if (size <= 0 || static_cast<std::size_t>(size) >= oid.size()) {
    return fail(Code::refused, "its name has an attribute of an unusable type");
  }
  const auto type = attribute_type({oid.data(), static_cast<std::size_t>(size)});
  const ASN1_STRING* const data = X509_NAME_ENTRY_get_data(entry);
  const auto value = text_of_asn1(ASN1_STRING_type(data), text_view(data));
  if (!type || !value) return fail(Code::refused, "its name has an attribute that is not text");
  return NameAttribute{*type, *value};
}

/// "" for a kind that is not wanted.
std::string_view kind_of(int type) {
  switch (type) {
    case GEN_EMAIL:
      return "email:";
    case GEN_DNS:
      return "dns:";
    case GEN_URI:
      return "uri:";
    default:
      return {};
  }
}

}  // namespace

Result<SubjectName> parts_of_name(const X509_NAME* name) {
  const int count = X509_NAME_entry_count(name);
  if (count < 0 || static_cast<std::size_t>(count) > kMaxSubjectAttributes) {
    return fail(Code::refused, "its name has too many attributes");
  }
  SubjectName parts;
  int current = -1;  // entries of one multi-valued RDN have one set number
  for (int i = 0; i < count; ++i) {
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
    SG_TRY(NameAttribute attribute, attribute_of(entry));
    if (parts.empty() || X509_NAME_ENTRY_set(entry) != current) parts.emplace_back();
    current = X509_NAME_ENTRY_set(entry);
    parts.back().push_back(std::move(attribute));
  }
  return parts;
}

Result<std::string> text_of_name(const X509_NAME* name) {
  SG_TRY(const SubjectName parts, parts_of_name(name));
  auto text = format_subject(parts);
  if (!text) return fail(Code::refused, "its name is too long");
  return *text;
}

std::string shown_name(const X509_NAME* name) {
  const auto text = text_of_name(name);
  return text && !text->empty() ? one_line(*text, kShownName) : "?";
}

Result<std::vector<std::string>> alternative_names(const X509* certificate) {
  int position = 0;
  const GeneralNames all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &position, nullptr)));
  if (!all) {
    if (position == -1) return std::vector<std::string>();
    return fail_openssl(Code::refused, "its alternative names are malformed");
  }
  std::vector<std::string> names;
  std::size_t total = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &type);
    const std::string_view kind = kind_of(type);
    if (kind.empty()) continue;
    const std::string_view text = text_view(static_cast<const ASN1_STRING*>(value));
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(),
                                                    [](char c) { return c > ' ' && c <= '~'; });
    if (!plain) return fail(Code::refused, "it has an alternative name that cannot be shown");
    names.push_back(std::string(kind) + (type == GEN_DNS ? to_lower(text) : std::string(text)));
    total += names.back().size();
    if (names.size() > kMaxNames || names.back().size() > kMaxName || total > kMaxAllNames) {
      return fail(Code::refused, "it has too many alternative names, or too long ones");
    }
  }
  return names;
}

Result<std::string> serial_of(const X509* certificate) {
  const Digits number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (!number || BN_is_negative(number.get()) == 1 ||
      static_cast<std::size_t>(BN_num_bytes(number.get())) > kMaxSerial / 2) {
    return fail_openssl(Code::refused, "its serial number is unusable");
  }
  std::vector<std::byte> bytes(
      std::max<std::size_t>(static_cast<std::size_t>(BN_num_bytes(number.get())), 1));
  BN_bn2binpad(number.get(), writable_octets(bytes), static_cast<int>(bytes.size()));
  return to_hex(bytes);
}

}  // namespace sifguard
