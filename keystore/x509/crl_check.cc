// Certificate revocation lists at hand, and what they say about a certificate. Any privilege.
#include "keystore/x509/crl_check.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/pem.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/strength.h"
#include "keystore/x509/usage.h"

namespace sifguard {
namespace {

using State = RevocationFinding::State;
using Scope = Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using Points = Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;

constexpr std::size_t kMaxLists = 256;

CertificateRevocationList crl_from(std::span<const std::byte> der) {
  const unsigned char* at = octets(der);
  CertificateRevocationList crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (crl && at != octets(der) + der.size()) crl.reset();
  ERR_clear_error();
  return crl;
}

bool entries_are_plain(X509_CRL* crl) {
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    // Certificate issuer (an indirect list) and whatever else must be understood, but is not.
    if (X509_REVOKED_get_ext_by_critical(entry, 1, -1) >= 0) return false;
  }
  return true;
}

/// As X509_CRL_get0_by_serial(), which sorts first, and takes longer for it. Whatever the reason
/// is.
bool lists(X509_CRL* crl, const ASN1_INTEGER* serial) {
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), serial) == 0) return true;
  }
  return false;
}

bool extensions_are_known(const X509_CRL* crl) {
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* const extension = X509_CRL_get_ext(crl, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid == NID_delta_crl) return false;
    if (X509_EXTENSION_get_critical(extension) == 1 && nid != NID_issuing_distribution_point) {
      return false;
    }
  }
  return true;
}

/// The issuing distribution point; null when there is none. `*malformed` when it cannot be read.
Scope scope_of(const X509_CRL* crl, bool* malformed) {
  int position = 0;
  Scope scope(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &position, nullptr)));
  *malformed = !scope && position != -1;
  return scope;
}

bool is_usable(X509_CRL* crl) {
  bool malformed = false;
  const Scope scope = scope_of(crl, &malformed);
  const bool partial = scope && (scope->indirectCRL > 0 || scope->onlysomereasons != nullptr);
  return !malformed && !partial && extensions_are_known(crl) && entries_are_plain(crl);
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

/// Whether the certificate names the list's distribution point as one of its own.
bool points_to(X509* certificate, const GENERAL_NAMES* names) {
  const Points points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; names != nullptr && points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* const point = sk_DIST_POINT_value(points.get(), i);
    const bool whole = point->reasons == nullptr && point->CRLissuer == nullptr;
    const GENERAL_NAMES* const own = full_names(point->distpoint);
    if (whole && own != nullptr && share_a_name(own, names)) return true;
  }
  return false;
}

bool covers(const X509_CRL* crl, X509* certificate) {
  bool malformed = false;
  const Scope scope = scope_of(crl, &malformed);
  if (malformed) return false;
  if (!scope) return true;
  const bool is_ca = (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
  if (scope->onlyattr > 0 || (scope->onlyuser > 0 && is_ca) || (scope->onlyCA > 0 && !is_ca)) {
    return false;
  }
  return scope->distpoint == nullptr || points_to(certificate, full_names(scope->distpoint));
}

/// "" when fresh, else why not.
std::string why_stale(const X509_CRL* crl, std::int64_t now) {
  const auto from = unix_time(X509_CRL_get0_lastUpdate(crl));
  const auto until = unix_time(X509_CRL_get0_nextUpdate(crl));
  if (!from || !until) return "says not until when it holds";
  if (*from > now + kClockSkew) return "is of the future";
  if (*until <= now) return "ended at " + format_utc(*until);
  return {};
}

}  // namespace

void CrlSet::add(CertificateRevocationList crl) {
  if (!crl || lists_.size() >= kMaxLists) {
    ++malformed_;
    return;
  }
  const bool usable = is_usable(crl.get());
  lists_.push_back({std::move(crl), usable, {}});
}

CrlSet CrlSet::parse(const std::vector<std::string>& lists) {
  CrlSet set;
  for (const std::string& list : lists) {
    if (!is_pem(list)) {
      set.add(crl_from(as_bytes(list)));
      continue;
    }
    const auto blocks = read_pem_of(list, PEM_STRING_X509_CRL, kMaxLists);
    if (!blocks) ++set.malformed_;
    for (std::size_t i = 0; blocks && i < blocks->size(); ++i) set.add(crl_from((*blocks)[i]));
  }
  return set;
}

bool CrlSet::is_signed_by(const List& list, X509* issuer) {
  for (const auto& [signer, verified] : list.signers) {
    if (X509_cmp(signer.get(), issuer) == 0) return verified;
  }
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(list.crl.get(), nullptr, &algorithm);
  EVP_PKEY* const key = X509_get0_pubkey(issuer);
  const bool verified = may_sign_crls(issuer) && is_strong_signature(algorithm) &&
                        is_strong_key(key) && X509_CRL_verify(list.crl.get(), key) == 1;
  ERR_clear_error();
  list.signers.emplace_back(shared(issuer), verified);
  return verified;
}

std::string CrlSet::why_useless(X509* issuer, std::int64_t now) const {
  std::string why = malformed_ > 0 ? "is malformed" : "is of another CA";
  for (const List& list : lists_) {
    if (X509_NAME_cmp(X509_CRL_get_issuer(list.crl.get()), X509_get_subject_name(issuer)) != 0) {
      continue;
    }
    if (!list.usable) {
      why = "is indirect, partial, or has an unknown critical extension";
    } else if (!is_signed_by(list, issuer)) {
      why = "is not signed by its issuer";
    } else if (why = why_stale(list.crl.get(), now); why.empty()) {
      return {};
    }
  }
  return why;
}

RevocationFinding CrlSet::find(X509* certificate, X509* issuer, std::int64_t now) const {
  RevocationFinding finding;
  const std::string name = shown_name(X509_get_subject_name(issuer));
  finding.note = "has no CRL of its issuer " + name;
  if (malformed_ > 0) finding.note += " (a CRL given is malformed)";
  for (const List& list : lists_) {
    if (X509_NAME_cmp(X509_CRL_get_issuer(list.crl.get()), X509_get_subject_name(issuer)) != 0) {
      continue;
    }
    if (!list.usable || !is_signed_by(list, issuer)) {
      finding.note = "has no usable CRL signed by its issuer " + name;
      continue;
    }
    if (const std::string stale = why_stale(list.crl.get(), now); !stale.empty()) {
      finding.note = "has no fresh CRL of its issuer " + name + ": the one given " + stale;
      continue;
    }
    if (lists(list.crl.get(), X509_get0_serialNumber(certificate))) {
      return {State::revoked, 0, "is revoked by a CRL of " + name};
    }
    if (!covers(list.crl.get(), certificate)) continue;
    finding.state = State::good;
    finding.valid_until =
        std::max(finding.valid_until, *unix_time(X509_CRL_get0_nextUpdate(list.crl.get())));
  }
  if (finding.state == State::good) finding.note.clear();
  return finding;
}

}  // namespace sifguard
