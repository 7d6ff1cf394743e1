// The rule of a decryption key: for which signers' images and for which users it may be used,
// whatever path or binding names it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct Binding;            // policy.h
struct SignerRequirement;  // policy.h

/// For whom and for which signers' images a key may be used, whatever path or binding names it. The
/// first `image bind` sets it. A rule without a signer is not set yet, and the key is never
/// released.
struct KeyRule {
  std::vector<std::string> signers;  ///< signer ids; if there are any, one of them must have signed
  std::vector<std::string> users;    ///< OR groups
  std::vector<std::string> groups;
  bool everyone = false;                 ///< any user (a binding without user or group limits)
  std::vector<std::string> all_of = {};  ///< signer ids; each of them must have signed, too

  [[nodiscard]] bool is_set() const noexcept { return !signers.empty() || !all_of.empty(); }
  bool operator==(const KeyRule&) const = default;
};

/// Whether the key may be used for this user and an image that `signers_verified` (fingerprints of
/// good signatures) signed. Errors: Code::denied.
Status check_key_rule(const KeyRule& rule, std::string_view user,
                      const std::vector<std::string>& groups,
                      const std::vector<std::string>& signers_verified);
/// The part of check_key_rule() about the image.
Status check_key_signers(const KeyRule& rule, const std::vector<std::string>& signers_verified);
/// The part of check_key_rule() that is known before an image is verified.
Status check_key_audience(const KeyRule& rule, std::string_view user,
                          const std::vector<std::string>& groups);

/// The rule that a binding needs for its key. If a binding names users and groups, which it
/// requires together, the rule has only the users, because the rule's "or" would allow more people.
[[nodiscard]] KeyRule key_rule_for(const Binding& binding);

/// Why the rule does not accept every image that met the requirements `signers`: "the signature of
/// G alone is not enough"; empty if it does.
[[nodiscard]] std::string describe_shortfall(const KeyRule& rule,
                                             const std::vector<SignerRequirement>& signers);

/// Whose signatures the rule accepts: "F or G", "F and G", "(F or G) and H".
[[nodiscard]] std::string describe_rule_signers(const KeyRule& rule);

/// Checks that a key with the rule `existing` may also be used for a binding that needs `wanted`:
/// it must have the same signers (both "one of" or both "all of") and allow nobody who is not
/// already allowed. Errors: Code::denied, with what to do instead; the caller prepends the key's
/// name.
Status check_rule_covers(const KeyRule& existing, const KeyRule& wanted);

}  // namespace sifguard
