// Keys and certificates of signers that launches do not accept, judged by the code that a launch
// runs. The rights of the admin.
#include <algorithm>
#include <set>

#include "keystore/base/text.h"
#include "keystore/crypto/openpgp_block.h"
#include "keystore/crypto/signer_key.h"
#include "keystore/doctor/checks.h"
#include "keystore/trust/signer_fitness.h"

namespace sifguard {
namespace {

std::set<std::string> bound_names(const Policy& policy) {
  std::set<std::string> named;
  for (const Binding& binding : policy.bindings) {
    named.insert(binding.signers.any_of.begin(), binding.signers.any_of.end());
    named.insert(binding.signers.all_of.begin(), binding.signers.all_of.end());
  }
  return named;
}

std::string remedy_for(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::untrusted:
      return "add its CA: sifctl trust add-root, or add-intermediate";
    case CertificateStatus::revocation_unknown:
      return "get what shows it: sifctl trust add-crl, or fetch";
    case CertificateStatus::not_yet_valid:
      return "wait, or check the clock of this host";
    default:
      return "bind its images to another signer";
  }
}

std::string step_to(SignerState state) {
  return state == SignerState::revoked ? "revoke" : "retire";
}

/// A raw key that was taken in when more counted.
void check_raw_key(const Keystore& keystore, const SignerRecord& signer, Severity severity,
                   Findings& findings) {
  const auto pem = keystore.signer_key(signer.id);
  const auto key = pem ? SignerKey::from_pem(*pem) : Result<SignerKey>(tl::unexpected(pem.error()));
  if (!key) return;  // told by others
  const Status strong = key->check_strong();
  if (strong) return;
  findings.add(severity, "signer " + signer.id,
               "no signature of '" + signer.label + "' counts any more: " + strong.error().what(),
               "add another key of the signer's, and sifctl signer remove this");
}

/// The same of an OpenPGP key: gpg tells nothing of exponents.
void check_openpgp_key(const Keystore& keystore, const SignerRecord& signer, Severity severity,
                       Findings& findings) {
  const auto key = keystore.signer_key(signer.id);
  if (!key) return;  // told by others
  for (const std::string& weak : small_exponents_in(*key)) {
    const bool primary = weak == signer.id;
    findings.add(primary ? severity : Severity::warning, "signer " + signer.id,
                 "what the " + std::string(primary ? "key" : "subkey " + weak) + " of '" +
                     signer.label +
                     "' signs counts for nothing: the RSA key's exponent is less than 65537",
                 "ask its owner for one with the exponent 65537, or Ed25519");
  }
}

/// What a launch says now; nothing about what check_expiry() tells.
void check_now(const std::string& pem, const SignerRecord& signer, const CertificateRules& rules,
               Findings& findings) {
  const std::string where = "signer " + signer.id;
  const auto judged = check_certificate(pem, rules);
  if (!judged) {
    findings.add(Severity::problem, where, judged.error(), "see sifctl signer list");
    return;
  }
  const CertificateVerdict& verdict = judged->verdict;
  if (verdict.status == CertificateStatus::good || verdict.status == CertificateStatus::expired) {
    return;
  }
  findings.problem(
      where, "no signature of '" + signer.label + "' counts now: the certificate " + verdict.note,
      remedy_for(verdict.status));
}

}  // namespace

void check_signer_certificates(const Examined& examined, Findings& findings) {
  if (!examined.keystore || !examined.signers) return;
  const auto named = examined.policy ? bound_names(*examined.policy) : std::set<std::string>();
  std::optional<CertificateRules> rules;
  for (const SignerRecord& signer : *examined.signers) {
    if (signer.type() == SignerType::openpgp && signer.is_dated_ahead()) {
      findings.problem(
          "signer " + signer.id,
          "'" + signer.label + "' is " + std::string(signer_state_name(signer.state)) + " since " +
              format_utc(signer.state_at) +
              ", by a clock that was ahead: none of its signatures counts",
          "date it by this one: sifctl signer " + step_to(signer.state) + " " + signer.id);
    }
    if (signer.state != SignerState::active) continue;
    if (signer.expires != 0 && signer.expires <= examined.plan.now) continue;
    const bool bound = std::any_of(signer.names.begin(), signer.names.end(),
                                   [&](const auto& name) { return named.contains(name); });
    const Severity severity = bound ? Severity::problem : Severity::warning;
    if (signer.type() == SignerType::public_key) {
      check_raw_key(*examined.keystore, signer, severity, findings);
    }
    if (signer.type() == SignerType::openpgp) {
      check_openpgp_key(*examined.keystore, signer, severity, findings);
    }
    if (signer.type() != SignerType::certificate) continue;
    const auto pem = examined.keystore->signer_key(signer.id);
    const auto never = pem ? why_never_good(*pem, examined.plan.now) : Result<std::string>("");
    if (!pem || !never) continue;  // told by others
    if (!never->empty()) {
      findings.add(
          severity, "signer " + signer.id,
          "no signature of '" + signer.label + "' will ever count: the certificate " + *never,
          "add one that is for signing images, and sifctl signer remove this");
    } else if (bound) {
      if (!rules) {
        auto made = launch_rules(*examined.keystore, revocation_of(examined.config.revocation),
                                 examined.plan.now);
        if (!made) {
          findings.add(Severity::problem, examined.plan.directory + "/trust", made.error(),
                       "see sifctl trust list");
          return;
        }
        rules.emplace(*std::move(made));
      }
      check_now(*pem, signer, *rules, findings);
    }
  }
}

}  // namespace sifguard
