// Which signatures of a signer are accepted now. The owner of the keystore, in `sifctl`.
#include "keystore/trust/signer_standing.h"

#include <algorithm>
#include <utility>

#include "keystore/base/text.h"
#include "keystore/crypto/openpgp.h"
#include "keystore/policy/signer_id.h"
#include "keystore/trust/signer_fitness.h"
#include "keystore/x509/asn1_time.h"

namespace sifguard {
namespace {

using Counts = SignerStanding::Counts;

SignerStanding nothing(std::string word, std::string why) {
  return {Counts::none, std::move(word), std::move(why), 0};
}

/// Of one that lasts: what was set of it.
SignerStanding as_set(const SignerRecord& signer) {
  if (signer.state == SignerState::active) return {};
  const std::string word(signer_state_name(signer.state));
  std::string why = "is " + word + " since " + format_utc(signer.state_at) +
                    (signer.reason.empty() ? "" : " (" + signer.reason + ")");
  if (!signer.counts(0) && !signer.counts(1)) return nothing(word, std::move(why));
  // Only OpenPGP signatures say when they were made: those of others go on counting, or none does.
  const bool dated = signer.type() == SignerType::openpgp;
  if (dated && signer.is_dated_ahead()) {
    return nothing(word, why + ", under a clock that was ahead");
  }
  if (!dated && !signer.counts(0)) return nothing(word, std::move(why));
  return {dated ? Counts::older : Counts::all, word, std::move(why), 0};
}

std::string word_of(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::good:
      return "active";
    case CertificateStatus::expired:
      return "expired";
    case CertificateStatus::not_yet_valid:
      return "not yet valid";
    case CertificateStatus::untrusted:
      return "untrusted";
    case CertificateStatus::revoked:
      return "revoked (CRL)";
    case CertificateStatus::revocation_unknown:
      return "revocation unknown";
    case CertificateStatus::wrong_usage:
    case CertificateStatus::weak:
    case CertificateStatus::malformed:
      break;
  }
  return "cannot sign";
}

/// The earlier end; 0 is none.
std::int64_t earlier(std::int64_t one, std::int64_t other) {
  if (one == 0 || other == 0) return std::max(one, other);
  return std::min(one, other);
}

}  // namespace

SignerStandings::SignerStandings(const Keystore& keystore, const std::vector<SignerRecord>& all,
                                 Revocation revocation, std::int64_t now, std::string without)
    : keystore_(keystore),
      all_(all),
      revocation_(revocation),
      now_(now),
      without_(std::move(without)) {}

const CertificateRules* SignerStandings::rules() {
  if (!rules_ && !broken_) {
    auto made = launch_rules(keystore_, revocation_, now_, without_);
    if (made) {
      rules_.emplace(*std::move(made));
    } else {
      broken_ = made.error();
    }
  }
  return rules_ ? &*rules_ : nullptr;
}

SignerStanding SignerStandings::of(const SignerRecord& signer) {
  const auto known = found_.find(signer.id);
  return known != found_.end() ? known->second
                               : found_.emplace(signer.id, find(signer)).first->second;
}

SignerStanding SignerStandings::find(const SignerRecord& signer) {
  SignerStanding set = as_set(signer);
  if (signer.state == SignerState::revoked && set.counts == Counts::none) return set;
  if (signer.expires != 0 && signer.expires <= now_) {
    return nothing("expired", "ended on " + format_utc(signer.expires));
  }
  if (signer.type() == SignerType::openpgp && signer.created > now_ + kOpenPgpClockSkew) {
    return nothing("not yet valid", "begins on " + format_utc(signer.created));
  }
  set.until = signer.expires;
  if (signer.type() != SignerType::certificate) return set;
  SignerStanding now = of_certificate(signer);
  if (now.counts == Counts::none) return now;
  set.until = earlier(set.until, now.until);
  return set;
}

SignerStanding SignerStandings::of_certificate(const SignerRecord& signer) {
  const auto pem = keystore_.signer_key(signer.id);
  if (!pem) return nothing("unusable", "cannot be read: " + pem.error().what());
  const auto never = why_never_good(*pem, now_);
  if (!never) return nothing("unusable", "cannot be judged: " + never.error().what());
  if (!never->empty()) return nothing("cannot sign", *never);
  const CertificateRules* const by = rules();
  if (by == nullptr) return nothing("unusable", "cannot be judged: " + broken_->what());
  return judged(*pem, *by);
}

SignerStanding SignerStandings::judged(const std::string& pem, const CertificateRules& by) {
  const auto judged = check_certificate(pem, by);
  if (!judged) return nothing("unusable", "cannot be judged: " + judged.error().what());
  const CertificateVerdict& verdict = judged->verdict;
  if (verdict.status == CertificateStatus::revoked && !is_revoked_by_lists(pem)) {
    return nothing("revoked (OCSP)", verdict.note);
  }
  if (verdict.status != CertificateStatus::good) {
    return nothing(word_of(verdict.status), verdict.note);
  }
  if (const SignerRecord* const key = ended_key(verdict.spki)) {
    return nothing("revoked",
                   "is of the key " + key->id + ", which is revoked (" + key->reason + ")");
  }
  SignerStanding good;
  good.until = verdict.valid_until == kForever ? 0 : verdict.valid_until;
  return good;
}

/// Without the answers at hand: which of the two says so.
bool SignerStandings::is_revoked_by_lists(const std::string& pem) {
  OcspSet answers = std::exchange(rules_->ocsp, OcspSet::parse({}));
  const auto judged = check_certificate(pem, *rules_);
  rules_->ocsp = std::move(answers);
  return judged && judged->verdict.status == CertificateStatus::revoked;
}

/// A raw key that the keystore knows as well speaks for its certificates.
const SignerRecord* SignerStandings::ended_key(const std::string& spki) const {
  const std::string id = std::string(kSpkiPrefix) + spki;
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const SignerRecord& one) {
    return one.id == id && !one.counts(0);
  });
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace sifguard
