// The rule that a decryption key carries: whose signatures and which users it may serve, whatever
// path or binding led to it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct Binding;            // policy.h
struct SignerRequirement;  // policy.h

/// Who may have a key used for them, whatever path or binding led to it. Set by the first
/// `image bind`; a rule that names no signer is not set yet, and the key releases nothing.
struct KeyRule {
  std::vector<std::string> signers;  ///< signer ids; if any, one of them must have signed
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
/// The half of it about the image.
Status check_key_signers(const KeyRule& rule, const std::vector<std::string>& signers_verified);
/// The half of it that is known before an image is verified.
Status check_key_audience(const KeyRule& rule, std::string_view user,
                          const std::vector<std::string>& groups);

/// The rule that a binding needs of its key. Of users and groups, which a binding asks for
/// together, the users alone are taken: the key's "or" would let in more.
[[nodiscard]] KeyRule key_rule_for(const Binding& binding);

/// What of `signers` (requirements that an image met) the rule does not take: "the signature of G
/// alone is not enough"; empty if an image that meets them meets the rule.
[[nodiscard]] std::string describe_shortfall(const KeyRule& rule,
                                             const std::vector<SignerRequirement>& signers);

/// "F or G", "F and G", "(F or G) and H": whose signatures the rule takes.
[[nodiscard]] std::string describe_rule_signers(const KeyRule& rule);

/// Whether a key with the rule `existing` may also serve a binding that needs `wanted`: the same
/// signers (one of them, or all of them, alike), and nobody who is not already served. Errors:
/// Code::denied, with what to do instead, for the caller to put the key's name before.
Status check_rule_covers(const KeyRule& existing, const KeyRule& wanted);

}  // namespace sifguard
