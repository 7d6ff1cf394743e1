// Subject names of certificates as text. Any process, any privilege; pure.
//
// Two forms are read: RFC 2253 ("CN=carol,O=Example", most specific part first, as written by
// `openssl x509 -nameopt RFC2253`) and that of `openssl req -subj` ("/O=Example/CN=carol", in
// reverse order). One form is written: RFC 2253 in ASCII. A certificate's name is converted by the
// same structure (keystore/x509/distinguished_name.h), so equal names give equal texts.
//
// Attribute types are OpenSSL's short names, or dotted OIDs for types that are not in the table of
// the .cc file. The parts of a multi-valued RDN ("CN=carol+UID=1000") are sorted, because ASN.1
// gives them no order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct NameAttribute {
  std::string type;   ///< as returned by attribute_type()
  std::string value;  ///< UTF-8 without NUL; may be empty
};
using RelativeName = std::vector<NameAttribute>;  ///< more than one: a multi-valued RDN
/// As in the certificate: the most general part (country, organization) first.
using SubjectName = std::vector<RelativeName>;

/// Limits: the text read and written, and the attributes of a name.
inline constexpr std::size_t kMaxSubjectText = 1024;
inline constexpr std::size_t kMaxSubjectAttributes = 64;

/// The canonical form of a type: a dotted OID or a name in any case ("cn", "2.5.4.3") gives "CN";
/// an OID without a name here is unchanged. nullopt for an unknown name or malformed OID.
[[nodiscard]] std::optional<std::string> attribute_type(std::string_view text);
/// Its dotted OID; "" if it is not a result of attribute_type().
[[nodiscard]] std::string attribute_oid(std::string_view type);

/// The text of an ASN.1 string of the universal tag `tag` (UTF8String, PrintableString, …) in
/// UTF-8; nullopt when it is not a string, not well-formed, holds NUL, or T61 beyond ASCII.
[[nodiscard]] std::optional<std::string> text_of_asn1(int tag, std::string_view content);

/// Reads either form. Errors: Code::usage, which says what is wrong and where.
[[nodiscard]] Result<SubjectName> parse_subject(std::string_view text);
/// RFC 2253, ASCII (other bytes as \XX). Errors: Code::usage when it is over kMaxSubjectText.
[[nodiscard]] Result<std::string> format_subject(const SubjectName& name);
/// format_subject(parse_subject(text)): the text that is compared with a certificate's subject.
[[nodiscard]] Result<std::string> canonical_subject(std::string_view text);

}  // namespace sifguard
