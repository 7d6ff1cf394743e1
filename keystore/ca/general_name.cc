// Alternative names and name constraints as an admin writes them. Any privilege; pure.
#include "keystore/ca/general_name.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "keystore/base/ascii.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/policy/subject_name.h"
#include "keystore/x509/verdict.h"

namespace sifguard {
namespace {

using GeneralName = Owned<GENERAL_NAME, GENERAL_NAME_free>;
using Subtree = Owned<GENERAL_SUBTREE, GENERAL_SUBTREE_free>;

enum class Use { name, constraint };

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_host(std::string_view text) {
  return is_plain(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
         });
}

tl::unexpected<Error> unusable(const std::string& text, Use use) {
  return fail(Code::usage,
              std::string("not a usable ") +
                  (use == Use::name ? "alternative name" : "name constraint") + ": '" +
                  printable(text, 200) + "'",
              use == Use::name ? "write dns:HOST, email:ADDRESS, uri:URI or ip:ADDRESS"
                               : "write dns:DOMAIN, email:DOMAIN, uri:HOST, ip:ADDRESS/MASK or "
                                 "subject:/O=Example");
}

bool is_label(std::string_view label) {
  constexpr std::size_t kMaxLabel = 63;
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-';
}

/// What makes a host's name an IPv4 address for many programs, when it is the last label (WHATWG
/// URL, inet_aton(3)): decimal, octal or hexadecimal digits.
bool is_number(std::string label) {
  label = to_lower(label);
  const bool hex = label.starts_with("0x");
  const char* const digits = hex ? "0123456789abcdef" : "0123456789";
  return label.find_first_not_of(digits, hex ? 2 : 0) == std::string::npos;
}

/// A domain: labels, of which none is a pattern, and no address.
bool is_domain(std::string_view value) {
  const std::vector<std::string> labels = split(value, '.');
  return is_host(value) && !is_number(labels.back()) &&
         std::all_of(labels.begin(), labels.end(), is_label);
}

/// A host's name as certificates are matched by (RFC 6125): a domain, or a '*' above one of two
/// labels at least.
bool is_dns_name(std::string_view value) {
  const bool wildcard = value.starts_with("*.") && value.find('.', 2) != value.npos;
  return is_domain(wildcard ? value.substr(2) : value);
}

/// What a constraint says of hosts (RFC 5280 4.2.1.10): a domain, after a dot only what is below
/// it. A pattern would constrain nothing.
bool is_constraint(std::string_view value) {
  return is_domain(value.starts_with('.') ? value.substr(1) : value);
}

/// "SCHEME:…" (RFC 3986 3.1), and a host where there is a place for one.
bool is_uri(std::string_view value) {
  const std::size_t colon = value.find(':');
  if (colon == 0 || colon == value.npos || colon + 1 == value.size()) return false;
  const std::string_view rest = value.substr(colon + 1);
  return !rest.starts_with("//") || (rest.size() > 2 && rest[2] != '/') ||
         to_lower(value.substr(0, colon)) == "file";
}

/// Its OpenSSL type; -1 for a value that does not fit its kind.
int type_of(std::string_view kind, std::string_view value, Use use) {
  if (kind == "dns") {
    const bool good = use == Use::constraint ? is_constraint(value) : is_dns_name(value);
    return good ? GEN_DNS : -1;
  }
  if (kind == "ip") return is_plain(value) ? GEN_IPADD : -1;
  if (kind == "uri") {
    const bool good = use == Use::constraint ? is_constraint(value) : is_uri(value);
    return is_plain(value) && good ? GEN_URI : -1;
  }
  if (kind != "email" || !is_plain(value)) return -1;
  const auto ats = std::count(value.begin(), value.end(), '@');
  const std::size_t at = value.find('@');
  if (ats == 0) return use == Use::constraint && is_constraint(value) ? GEN_EMAIL : -1;
  return ats == 1 && at > 0 && is_domain(value.substr(at + 1)) ? GEN_EMAIL : -1;
}

Result<GeneralName> make_one(const std::string& text, Use use) {
  const std::size_t colon = text.find(':');
  const std::string kind = to_lower(text.substr(0, colon));
  const std::string value = colon == std::string::npos ? std::string() : text.substr(colon + 1);
  GeneralName name;
  if (kind == "subject" && use == Use::constraint) {
    SG_TRY(Name subject, make_name(value));
    name.reset(GENERAL_NAME_new());
    if (!name) return fail_openssl(Code::internal, "cannot make a name");
    GENERAL_NAME_set0_value(name.get(), GEN_DIRNAME, subject.release());
    return name;
  }
  const int type = type_of(kind, value, use);
  if (type >= 0) {
    name.reset(a2i_GENERAL_NAME(nullptr, nullptr, nullptr, type, value.c_str(),
                                use == Use::constraint ? 1 : 0));
  }
  ERR_clear_error();
  if (!name) return unusable(text, use);
  return name;
}

Status add_subtrees(STACK_OF(GENERAL_SUBTREE) * *list, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    SG_TRY(GeneralName base, make_one(text, Use::constraint));
    Subtree subtree(GENERAL_SUBTREE_new());
    if (*list == nullptr) *list = sk_GENERAL_SUBTREE_new_null();
    if (!subtree || *list == nullptr) {
      return fail_openssl(Code::internal, "cannot make name constraints");
    }
    GENERAL_NAME_free(subtree->base);
    subtree->base = base.release();
    if (sk_GENERAL_SUBTREE_push(*list, subtree.get()) <= 0) {
      return fail_openssl(Code::internal, "cannot make name constraints");
    }
    subtree.release();  // NOLINT(bugprone-unused-return-value): the list owns it
  }
  return {};
}

/// Control characters, those of ISO 8859 (U+0080 to U+009F) among them, and what ends or turns a
/// line, or is not seen at all; not what some scripts join letters with.
bool has_control(std::string_view text) {
  using namespace std::string_view_literals;
  // NOLINTBEGIN(misc-misleading-bidirectional): escaped, they turn nothing in this source
  constexpr std::array kUnseen = {"\u061c"sv, "\u200b"sv, "\u200e"sv, "\u200f"sv,
                                  "\u2028"sv, "\u2029"sv, "\u202a"sv, "\u202b"sv,
                                  "\u202c"sv, "\u202d"sv, "\u202e"sv, "\u2066"sv,
                                  "\u2067"sv, "\u2068"sv, "\u2069"sv, "\ufeff"sv};
  // NOLINTEND(misc-misleading-bidirectional)
  unsigned char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (before == 0xc2 && byte < 0xa0)) return true;
    before = byte;
  }
  return std::any_of(kUnseen.begin(), kUnseen.end(),
                     [&](std::string_view one) { return text.find(one) != text.npos; });
}

/// What one reader takes for one name, and another for another.
Status check_unambiguous(const RelativeName& relative) {
  std::set<std::string> types;
  for (const NameAttribute& attribute : relative) {
    if (!types.insert(attribute_oid(attribute.type)).second) {
      return fail(Code::usage, "the subject has two " + attribute.type + " in one part",
                  "write each as a part of its own, or one alone");
    }
    if (has_control(attribute.value)) {
      return fail(Code::usage, "the subject's " + attribute.type + " has a control character");
    }
  }
  return {};
}

}  // namespace

Result<Name> make_name(std::string_view subject) {
  SG_TRY(const SubjectName parts, parse_subject(subject));
  if (parts.empty()) return fail(Code::usage, "the subject is empty", "write /O=Example/CN=carol");
  Name name(X509_NAME_new());
  if (!name) return fail_openssl(Code::internal, "cannot make a name");
  for (const RelativeName& relative : parts) {
    SG_CHECK(check_unambiguous(relative));
    int set = 0;  // a new part; further attributes of it join it
    for (const NameAttribute& attribute : relative) {
      const Owned<ASN1_OBJECT, ASN1_OBJECT_free> type(
          OBJ_txt2obj(attribute_oid(attribute.type).c_str(), 1));
      if (!type || X509_NAME_add_entry_by_OBJ(
                       name.get(), type.get(), MBSTRING_UTF8, octets(as_bytes(attribute.value)),
                       static_cast<int>(attribute.value.size()), -1, set) != 1) {
        return fail_openssl(Code::usage, "the subject's " + attribute.type + " is not usable",
                            "see RFC 5280, appendix A, for the lengths and letters allowed");
      }
      set = -1;
    }
  }
  return name;
}

Result<GeneralNames> make_general_names(const std::vector<std::string>& names) {
  GeneralNames all(sk_GENERAL_NAME_new_null());
  if (!all) return fail_openssl(Code::internal, "cannot make alternative names");
  if (names.size() > kMaxNames) return fail(Code::usage, "too many alternative names");
  for (const std::string& text : names) {
    SG_TRY(GeneralName one, make_one(text, Use::name));
    if (sk_GENERAL_NAME_push(all.get(), one.get()) <= 0) {
      return fail_openssl(Code::internal, "cannot make alternative names");
    }
    one.release();  // NOLINT(bugprone-unused-return-value): the list owns it
  }
  return all;
}

Result<NameConstraints> make_constraints(const std::vector<std::string>& permitted,
                                         const std::vector<std::string>& excluded) {
  if (permitted.empty() && excluded.empty()) return NameConstraints();
  NameConstraints constraints(NAME_CONSTRAINTS_new());
  if (!constraints) return fail_openssl(Code::internal, "cannot make name constraints");
  SG_CHECK(add_subtrees(&constraints->permittedSubtrees, permitted));
  SG_CHECK(add_subtrees(&constraints->excludedSubtrees, excluded));
  return constraints;
}

Status check_ca_url(std::string_view url) {
  const bool web = url.starts_with("http://") || url.starts_with("https://");
  const bool plain = is_plain(url) && url.find_first_of(",;\"'\\#@<>") == std::string_view::npos;
  if (web && plain) return {};
  return fail(Code::usage, "not a usable URL: '" + printable(url, 200) + "'",
              "write http://HOST/PATH without , ; \" ' \\ # @ < >");
}

}  // namespace sifguard
