// Certificates, revocation lists, signers, keys and bindings that expire soon or have expired. The
// rights of the admin.
#include <algorithm>
#include <set>

#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"
#include "keystore/store/authority_store.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "keystore/trust/authorities.h"
#include "keystore/x509/describe_certificate.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

/// Responders hold for 30 days, and are renewed when half of that is over and they restart.
constexpr std::int64_t kResponderAhead = 7LL * 86400;

/// Something with an end.
struct Lasting {
  std::string where;
  std::string what;  ///< "the root CA 'CN=Example'"
  std::int64_t until = 0;
  std::int64_t ahead = 0;  ///< how early its end is worth a warning
  Severity once_over = Severity::warning;
  std::string remedy;
};

void judge(const Lasting& lasting, std::int64_t now, Findings& findings) {
  const std::string when = format_utc(lasting.until) + ", " + days_from(now, lasting.until);
  if (lasting.until <= now) {
    findings.add(lasting.once_over, lasting.where, lasting.what + " ended on " + when,
                 lasting.remedy);
  } else if (lasting.until - now < lasting.ahead) {
    findings.warn(lasting.where, lasting.what + " ends on " + when, lasting.remedy);
  }
}

const char* shown_kind(TrustKind kind) {
  switch (kind) {
    case TrustKind::root:
      return "root CA";
    case TrustKind::intermediate:
      return "intermediate CA";
    case TrustKind::crl:
    case TrustKind::response:
      break;
  }
  return "revocation list of";
}

/// A list that is renewed each day should not be a warning all its life: a quarter of it is enough.
std::int64_t ahead_of_list(const TrustFile& list, std::int64_t ahead) {
  return std::min(ahead, (list.until - list.from) / 4);
}

/// OCSP responses that were fetched, by what was noted then.
void check_responses(const Examined& examined, Findings& findings) {
  const std::string where = examined.plan.directory + "/trust/fetched.json";
  const auto records = fetched_records(*examined.keystore);
  if (!records) {
    findings.add(Severity::problem, where, records.error(), "see sifctl trust list");
    return;
  }
  for (const FetchedRecord& record : *records) {
    if (record.kind != trust_kind_name(TrustKind::response)) continue;
    const bool asked = examined.config.revocation == "ocsp";
    judge({where, "the OCSP response about '" + record.subject + "'", record.until,
           std::min(examined.plan.ahead, (record.until - record.from) / 4),
           asked ? Severity::problem : Severity::warning, "sifctl trust fetch"},
          examined.plan.now, findings);
  }
}

void check_trust(const Examined& examined, TrustKind kind, Findings& findings) {
  if (kind == TrustKind::response) return check_responses(examined, findings);
  const std::string where =
      examined.plan.directory + "/trust/" + std::string(trust_kind_name(kind)) + "s/";
  const auto items = trust_items(*examined.keystore, kind);
  if (!items) {
    findings.add(Severity::problem, where, items.error(), "see sifctl trust list");
    return;
  }
  const bool list = kind == TrustKind::crl;
  // An ended list refuses every signature of its CA's signers, where lists are asked for.
  const bool asked =
      examined.config.revocation == "crl" || examined.config.revocation == "ocsp-then-crl";
  // Where one is damaged it is told with the others of its kind.
  const auto authorities =
      known_authorities(*examined.keystore).value_or(std::vector<Certificate>());
  for (const TrustItem& item : *items) {
    const auto fail_with = [&](const Error& error) {
      findings.add(Severity::problem, where + item.name, error,
                   "sifctl trust remove " + item.name.substr(0, 16));
    };
    auto files = std::vector<TrustFile>();
    if (list) {
      auto read = kept_list(item, authorities);
      if (!read) {
        fail_with(read.error());
        continue;
      }
      files.push_back(*std::move(read));
    } else {
      auto read = read_ca_certificates(item.text, kind == TrustKind::root);
      if (!read) {
        fail_with(read.error());
        continue;
      }
      files = *std::move(read);
    }
    for (const TrustFile& file : files) {
      judge({where + item.name, "the " + std::string(shown_kind(kind)) + " '" + file.subject + "'",
             file.until, list ? ahead_of_list(file, examined.plan.ahead) : examined.plan.ahead,
             !list || asked ? Severity::problem : Severity::warning,
             list ? "get the newer one, and sifctl trust add-crl"
                  : "get the certificate that follows it, and sifctl trust add-" +
                        std::string(trust_kind_name(kind))},
            examined.plan.now, findings);
    }
  }
}

/// Of the certification authority that the keystore has on the CA's host.
void check_authorities(const Examined& examined, Findings& findings) {
  const auto names = authority_names(*examined.keystore);
  if (!names) {
    findings.add(Severity::problem, examined.plan.directory + "/ca", names.error(),
                 "restore it from a backup");
    return;
  }
  for (const std::string& name : *names) {
    const std::string where = examined.plan.directory + "/ca/authorities/" + name;
    const bool responds = name.starts_with("ocsp-");
    const auto pem = read_authority_certificate(*examined.keystore, name);
    const auto known = pem ? describe_signer_certificate(*pem) : tl::unexpected(pem.error());
    if (!known) {
      Error error = known.error();
      if (pem) error.prepend(where);
      findings.add(Severity::problem, where, error, "restore it from a backup");
    } else if (responds) {
      judge({where, "the OCSP responder's certificate '" + known->subject + "'", known->not_after,
             std::min(examined.plan.ahead, kResponderAhead), Severity::problem,
             "restart the responder: systemctl restart sifguard-ocsp"},
            examined.plan.now, findings);
    } else {
      judge({where, "the authority '" + name + "', " + known->subject + ",", known->not_after,
             examined.plan.ahead, Severity::problem,
             name == "intermediate" ? "renew it: sifctl ca renew"
                                    : "it issues nothing beyond that: make a new CA in another "
                                      "keystore, and have nodes trust both"},
            examined.plan.now, findings);
    }
  }
}

void check_signers(const Examined& examined, Findings& findings) {
  std::set<std::string> named;
  if (examined.policy) {
    for (const Binding& binding : examined.policy->bindings) {
      named.insert(binding.signers.any_of.begin(), binding.signers.any_of.end());
      named.insert(binding.signers.all_of.begin(), binding.signers.all_of.end());
    }
  }
  for (const SignerRecord& signer : *examined.signers) {
    if (signer.expires == 0 || signer.state != SignerState::active) continue;
    const bool bound = std::any_of(signer.names.begin(), signer.names.end(),
                                   [&](const auto& name) { return named.contains(name); });
    judge({"signer " + signer.id, "the signer '" + signer.label + "'", signer.expires,
           examined.plan.ahead, bound ? Severity::problem : Severity::warning,
           signer.type() == SignerType::openpgp
               ? "get the key with a later end from its owner, and sifctl signer add"
               : "add the certificate that follows it, and bind its images to that"},
          examined.plan.now, findings);
  }
}

/// Launches do not ask for it: the certificate says how long the key was meant to be used.
void check_key_certificates(const Examined& examined, Findings& findings) {
  for (const KeyRecord& key : *examined.keys) {
    if (key.thumbprint.empty() || key.state != KeyState::active) continue;
    const auto pem = examined.keystore->key_certificate(key);
    if (!pem) {
      findings.add(Severity::problem, "key " + key.name, pem.error(), "restore it from a backup");
      continue;
    }
    const auto described = describe_signer_certificate(*pem);
    if (!described) continue;  // whatever its form: it is a label
    judge({"key " + key.name, "the certificate of the key '" + key.name + "'", described->not_after,
           examined.plan.ahead, Severity::warning,
           "encrypt new images for another: sifctl key rotate " + key.name},
          examined.plan.now, findings);
  }
}

/// One that has ended is told with what else is wrong with bindings.
void check_bindings(const Examined& examined, Findings& findings) {
  for (const Binding& binding : examined.policy->bindings) {
    if (!binding.not_after || *binding.not_after <= examined.plan.now) continue;
    judge({"binding " + binding.name, "the binding '" + binding.name + "'", *binding.not_after,
           examined.plan.ahead, Severity::warning, "give it a later not_after, or unbind it"},
          examined.plan.now, findings);
  }
}

}  // namespace

void check_expiry(const Examined& examined, Findings& findings) {
  if (!examined.keystore) return;
  for (const TrustKind kind : kTrustKinds) check_trust(examined, kind, findings);
  check_authorities(examined, findings);
  if (examined.signers) check_signers(examined, findings);
  if (examined.keys) check_key_certificates(examined, findings);
  if (examined.policy) check_bindings(examined, findings);
}

}  // namespace sifguard
