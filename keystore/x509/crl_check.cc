// Available certificate revocation lists, and what they say about a certificate. Any privilege.
#include "keystore/x509/crl_check.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/pem.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/crl_form.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/strength.h"
#include "keystore/x509/usage.h"

namespace sifguard {
namespace {

using State = RevocationFinding::State;

constexpr std::size_t kMaxLists = 256;

CertificateRevocationList crl_from(std::span<const std::byte> der) {
  const unsigned char* at = octets(der);
  CertificateRevocationList crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (crl && at != octets(der) + der.size()) crl.reset();
  ERR_clear_error();
  return crl;
}

bool is_named(const X509_CRL* crl, X509* issuer) {
  return X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0;
}

std::string check_signature(X509_CRL* crl, X509* issuer) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(crl, nullptr, &algorithm);
  EVP_PKEY* const key = X509_get0_pubkey(issuer);
  if (key == nullptr || X509_CRL_verify(crl, key) != 1) return "is not signed by its issuer's key";
  if (!may_sign_crls(issuer)) return "is signed by a CA whose key usage lacks cRLSign";
  if (!is_strong_signature(algorithm)) return "is signed with a weak algorithm";
  return is_strong_key(key) ? "" : "is signed by a weak key";
}

/// Of several lists that do not count, the one that nearly does tells the reason.
class Reason {
 public:
  enum Rank { none, not_usable, out_of_scope, stale };
  void set(Rank rank, std::string text) {
    if (rank < rank_) return;
    rank_ = rank;
    text_ = std::move(text);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  Rank rank_ = none;
  std::string text_;
};

}  // namespace

void CrlSet::add(CertificateRevocationList crl) {
  if (!crl || lists_.size() >= kMaxLists) {
    ++malformed_;
    return;
  }
  std::string partial = why_partial(crl.get());
  const bool indirect = !partial.empty() && is_indirect(crl.get());
  lists_.push_back({std::move(crl), std::move(partial), indirect, {}});
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

const std::string& CrlSet::why_not_signed(const List& list, X509* issuer) {
  for (const auto& [signer, why] : list.signers) {
    if (X509_cmp(signer.get(), issuer) == 0) return why;
  }
  std::string why = check_signature(list.crl.get(), issuer);
  ERR_clear_error();
  return list.signers.emplace_back(shared(issuer), std::move(why)).second;
}

bool CrlSet::has_list_of(X509* issuer) const {
  return std::any_of(lists_.begin(), lists_.end(),
                     [&](const List& list) { return is_named(list.crl.get(), issuer); });
}

std::string CrlSet::why_useless(X509* issuer) const {
  std::string why = malformed_ > 0 ? "is malformed" : "is of another CA";
  for (const List& list : lists_) {
    if (!is_named(list.crl.get(), issuer)) continue;
    why = why_not_signed(list, issuer);
    if (why.empty()) why = list.partial;
    if (why.empty()) return {};
  }
  return why;
}

RevocationFinding CrlSet::find(X509* certificate, X509* issuer, std::int64_t now) const {
  RevocationFinding finding;
  const std::string name = shown_name(X509_get_subject_name(issuer));
  Reason reason;
  reason.set(Reason::none, "has no CRL of its issuer " + name +
                               (malformed_ > 0 ? " (a CRL given is malformed)" : ""));
  for (const List& list : lists_) {
    X509_CRL* const crl = list.crl.get();
    if (!is_named(crl, issuer)) continue;
    const std::string unusable =
        "has no usable CRL signed by its issuer " + name + ": the one given ";
    if (const std::string& why = why_not_signed(list, issuer); !why.empty()) {
      reason.set(Reason::not_usable, unusable + why);
      continue;
    }
    const std::string stale = why_stale(crl, now);
    const Listed said =
        list.indirect ? Listed::no : listed(crl, X509_get0_serialNumber(certificate));
    if (said == Listed::for_good ||
        (said == Listed::on_hold && list.partial.empty() && stale.empty())) {
      return {State::revoked, 0, "is revoked by a CRL of " + name};
    }
    if (!list.partial.empty()) {
      reason.set(Reason::not_usable, unusable + list.partial);
    } else if (const auto outside = why_not_covered(crl, certificate); !outside.empty()) {
      reason.set(Reason::out_of_scope,
                 "has no CRL of its issuer " + name + " for it: the one given " + outside);
    } else if (!stale.empty()) {
      reason.set(Reason::stale,
                 "has no fresh CRL of its issuer " + name + ": the one given " + stale);
    } else {
      finding.state = State::good;
      finding.valid_until =
          std::max(finding.valid_until, *unix_time(X509_CRL_get0_nextUpdate(crl)));
    }
  }
  if (finding.state != State::good) finding.note = reason.take();
  return finding;
}

}  // namespace sifguard
