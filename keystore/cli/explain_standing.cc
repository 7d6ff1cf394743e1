// What signers, revoked images and the clock make of a decision. Runs with the rights of the admin.
#include "keystore/cli/explain_standing.h"

#include <algorithm>

#include "keystore/cli/node_revocation.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/trust/signer_outlook.h"

namespace sifguard {
namespace {

/// What certificates are judged by is the node's affair; of other signers nothing there counts.
Revocation revocation_for(const Session& session, const std::string& config, const Rules& rules) {
  const bool certificates = std::any_of(
      rules.signers.begin(), rules.signers.end(),
      [](const SignerRecord& signer) { return signer.type() == SignerType::certificate; });
  return certificates ? node_revocation(session, config) : Revocation::crl;
}

Status check_pinned(const Keystore& keystore, Explanation& found) {
  const auto& pin = found.decision->digest();
  if (!pin) return {};
  SG_TRY(const auto revoked, revoked_digests(keystore));
  const Status counts = check_not_revoked(revoked, *pin);
  if (!counts) found.refusals.push_back(counts.error().what());
  return {};
}

/// Of a key that is encrypted for, in addition to what the bindings demand.
SignerRequirement demanded_by(const KeyRule& rule) {
  SignerRequirement required;
  required.any_of = rule.signers;
  required.all_of = rule.all_of;
  return required;
}

void check_key_signers(SignerOutlook& signers, Explanation& found) {
  for (KeyOutcome& key : found.keys) {
    if (!key.usable) continue;
    const Outlook outlook = signers.of(demanded_by(key.record.rule));
    if (outlook.holds) continue;
    key.says = "of the signers of its rule, " + outlook.why;
    key.usable = false;
  }
  const bool any = std::any_of(found.keys.begin(), found.keys.end(),
                               [](const KeyOutcome& key) { return key.usable; });
  if (!found.keys.empty() && !any) found.refusals.push_back(found.keys.front().says);
}

/// In mode warn an image that is not encrypted runs all the same.
void check_signers(SignerOutlook& signers, Explanation& found) {
  auto& told = found.decision->mode() == Mode::warn ? found.notes : found.refusals;
  for (const SignerRequirement& required : found.decision->signers()) {
    const Outlook outlook = signers.of(required);
    if (!outlook.holds) told.push_back(outlook.why);
  }
}

}  // namespace

Status add_standing(const Session& session, const Keystore& keystore, const std::string& config,
                    const Rules& rules, Explanation& found) {
  if (!found.decision || !found.allowed()) return {};
  SG_CHECK(check_pinned(keystore, found));
  SignerOutlook signers(keystore, rules.signers, revocation_for(session, config, rules),
                        found.facts.now);
  check_signers(signers, found);
  check_key_signers(signers, found);
  return {};
}

}  // namespace sifguard
