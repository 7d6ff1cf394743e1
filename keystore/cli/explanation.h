// What would be decided for a launch, and why: it calls the same functions as the helper, on given
// facts, up to the point at which the helper would open the image. Pure except read_rules().
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// The rules for decisions, read once.
struct Rules {
  Policy policy;
  std::vector<SignerRecord> signers;
  std::vector<KeyRecord> keys;
};
[[nodiscard]] Result<Rules> read_rules(const Keystore& keystore);
/// The same, but it may leave out bindings that match no image of these names.
[[nodiscard]] Result<Rules> read_rules_for(const Keystore& keystore, const ImageNames& names);
/// The same with another images.yaml than the keystore's.
[[nodiscard]] Result<Rules> read_rules(const Keystore& keystore, Policy policy);

/// A key of a decision, and what its own rule says.
struct KeyOutcome {
  KeyRecord record;
  std::string says;  ///< "allows user alice", or why not
  bool usable = false;
};

/// `refusals` is empty if the launch would open the image. It refers to the Rules.
struct Explanation {
  Facts facts;
  std::vector<std::pair<const Binding*, std::string>>
      matching;  ///< with the pattern that matches, or may match
  std::optional<Decision> decision;
  std::vector<KeyOutcome> keys;          ///< the key of the bindings, then those that replace it
  std::vector<std::string> break_glass;  ///< ids of grants that would let the user pass
  std::vector<std::string> refusals;
  std::vector<std::string> notes;

  [[nodiscard]] bool allowed() const noexcept { return refusals.empty(); }
};
[[nodiscard]] Explanation explain_launch(const Rules& rules, Facts facts);

}  // namespace sifguard
