// What a revocation list says about itself. Any privilege.
#include "keystore/x509/crl_form.h"

#include <openssl/err.h>

#include <array>

#include "keystore/base/text.h"
#include "keystore/x509/asn1_time.h"

namespace sifguard {
namespace {

using Scope = Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using Points = Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using Enumerated = Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;

constexpr std::size_t kShownPoint = 120;

std::string oid_of(X509_EXTENSION* extension) {
  std::array<char, 80> oid{};
  OBJ_obj2txt(oid.data(), oid.size(), X509_EXTENSION_get_object(extension), 1);
  return oid.data();
}

/// The issuing distribution point; null when there is none. `*malformed` when it cannot be read.
Scope scope_of(const X509_CRL* list, bool* malformed) {
  int position = 0;
  Scope scope(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, &position, nullptr)));
  *malformed = !scope && position != -1;
  ERR_clear_error();
  return scope;
}

/// Certificate issuer (an indirect list) and whatever else must be understood, but is not.
std::string strange_entry(X509_CRL* list) {
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(list);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    const int at = X509_REVOKED_get_ext_by_critical(entry, 1, -1);
    if (at >= 0) {
      return "has an entry with the unknown critical extension " +
             oid_of(X509_REVOKED_get_ext(entry, at));
    }
  }
  return {};
}

std::string strange_extension(const X509_CRL* list) {
  for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
    X509_EXTENSION* const extension = X509_CRL_get_ext(list, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid == NID_delta_crl) return "is a delta list";
    if (X509_EXTENSION_get_critical(extension) == 1 && nid != NID_issuing_distribution_point) {
      return "has the unknown critical extension " + oid_of(extension);
    }
  }
  return {};
}

const GENERAL_NAMES* full_names(const DIST_POINT_NAME* point) {
  return point != nullptr && point->type == 0 ? point->name.fullname : nullptr;
}

bool share_a_name(const GENERAL_NAMES* some, const GENERAL_NAMES* others) {
  for (int i = 0; i < sk_GENERAL_NAME_num(some); ++i) {
    for (int k = 0; k < sk_GENERAL_NAME_num(others); ++k) {
      if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(some, i), sk_GENERAL_NAME_value(others, k)) == 0) {
        return true;
      }
    }
  }
  return false;
}

/// "URI:http://pki.example.org/a.crl"; "" for a name that is not one of these.
std::string shown_names(const GENERAL_NAMES* names) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    if (type != GEN_URI) continue;
    const auto* const text = static_cast<const ASN1_STRING*>(value);
    return "URI:" + printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                               static_cast<std::size_t>(ASN1_STRING_length(text))},
                              kShownPoint);
  }
  return "a distribution point";
}

/// What the certificate says of where its revocation is listed.
struct OwnPoints {
  bool shares = false;  ///< the list's is among them
  std::string other;    ///< else one of them; "" for none
};

OwnPoints points_of(X509* certificate, const GENERAL_NAMES* wanted) {
  OwnPoints own;
  const Points points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* const point = sk_DIST_POINT_value(points.get(), i);
    const bool whole = point->reasons == nullptr && point->CRLissuer == nullptr;
    const GENERAL_NAMES* const names = full_names(point->distpoint);
    if (!whole || names == nullptr) continue;
    if (wanted != nullptr && share_a_name(names, wanted)) own.shares = true;
    if (own.other.empty()) own.other = shown_names(names);
  }
  ERR_clear_error();
  return own;
}

/// What kind of certificates it is for; "" for all.
std::string kind_in_scope(const ISSUING_DIST_POINT* scope) {
  if (scope->onlyattr > 0) return "for attribute certificates only";
  if (scope->onlyuser > 0) return "for certificates of no CA only";
  if (scope->onlyCA > 0) return "for certificates of CAs only";
  return {};
}

}  // namespace

std::string why_partial(X509_CRL* list) {
  bool malformed = false;
  const Scope scope = scope_of(list, &malformed);
  if (malformed) return "has a malformed issuing distribution point";
  if (scope && scope->indirectCRL > 0) return "is an indirect list";
  if (scope && scope->onlysomereasons != nullptr) return "is for some reasons only";
  std::string why = strange_extension(list);
  return why.empty() ? strange_entry(list) : why;
}

bool is_indirect(X509_CRL* list) {
  bool malformed = false;
  const Scope scope = scope_of(list, &malformed);
  if (malformed || (scope && scope->indirectCRL > 0)) return true;
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(list);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    if (X509_REVOKED_get_ext_by_NID(entry, NID_certificate_issuer, -1) >= 0) return true;
  }
  return false;
}

std::string scope_of_list(const X509_CRL* list) {
  bool malformed = false;
  const Scope scope = scope_of(list, &malformed);
  if (!scope) return malformed ? "for an unknown scope" : "";
  std::string kind = kind_in_scope(scope.get());
  if (scope->distpoint == nullptr) return kind;
  const std::string point =
      "for certificates that name " + shown_names(full_names(scope->distpoint));
  return kind.empty() ? point : point + ", " + kind;
}

std::string scope_bytes(const X509_CRL* list) {
  const int at = X509_CRL_get_ext_by_NID(list, NID_issuing_distribution_point, -1);
  if (at < 0) return {};
  const ASN1_OCTET_STRING* const value = X509_EXTENSION_get_data(X509_CRL_get_ext(list, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

std::string why_not_covered(const X509_CRL* list, X509* certificate) {
  bool malformed = false;
  const Scope scope = scope_of(list, &malformed);
  if (malformed) return "has a malformed issuing distribution point";
  if (!scope) return {};
  const bool is_ca = (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
  if (scope->onlyattr > 0 || (scope->onlyuser > 0 && is_ca) || (scope->onlyCA > 0 && !is_ca)) {
    return "is " + kind_in_scope(scope.get());
  }
  if (scope->distpoint == nullptr) return {};
  const GENERAL_NAMES* const wanted = full_names(scope->distpoint);
  const OwnPoints own = points_of(certificate, wanted);
  if (own.shares) return {};
  return "is for certificates that name " + shown_names(wanted) + ", and it names " +
         (own.other.empty() ? "none" : own.other);
}

std::string why_stale(const X509_CRL* list, std::int64_t now) {
  const auto from = unix_time(X509_CRL_get0_lastUpdate(list));
  const auto until = unix_time(X509_CRL_get0_nextUpdate(list));
  if (!from || !until) return "does not say until when it is valid";
  if (*from > now + kClockSkew) return "is dated in the future";
  if (*until <= now) return "ended at " + format_utc(*until);
  return {};
}

/// As X509_CRL_get0_by_serial(), which sorts first, and takes longer for it.
Listed listed(X509_CRL* list, const ASN1_INTEGER* serial) {
  Listed found = Listed::no;
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(list);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), serial) != 0) continue;
    const Enumerated reason(static_cast<ASN1_ENUMERATED*>(
        X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
    const long code = reason ? ASN1_ENUMERATED_get(reason.get()) : CRL_REASON_UNSPECIFIED;
    if (code != CRL_REASON_CERTIFICATE_HOLD && code != CRL_REASON_REMOVE_FROM_CRL) {
      return Listed::for_good;
    }
    found = Listed::on_hold;
  }
  return found;
}

}  // namespace sifguard
