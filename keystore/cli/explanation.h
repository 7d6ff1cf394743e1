// What would be decided for a launch, and why: the same functions as the helper asks, on given
// facts, up to where the helper would open the image. Pure but for read_rules().
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What decisions are made from besides facts, read once.
struct Rules {
  Policy policy;
  std::vector<SignerRecord> signers;
  std::vector<KeyRecord> keys;
};
[[nodiscard]] Result<Rules> read_rules(const Keystore& keystore);
/// The same, perhaps without bindings that are for no image of these names.
[[nodiscard]] Result<Rules> read_rules_for(const Keystore& keystore, const ImageNames& names);
/// The same with another images.yaml than the keystore's.
[[nodiscard]] Result<Rules> read_rules(const Keystore& keystore, Policy policy);

/// A key that a decision leads to, and what its own rule says.
struct KeyOutcome {
  KeyRecord record;
  std::string says;  ///< "allows user alice", or why not
  bool usable = false;
};

/// `refusals` is empty if the launch would get as far as opening the image. Borrows from Rules.
struct Explanation {
  Facts facts;
  std::vector<std::pair<const Binding*, std::string>>
      matching;  ///< and the pattern that did it, or may
  std::optional<Decision> decision;
  std::vector<KeyOutcome> keys;          ///< the key of the bindings, then those that replace it
  std::vector<std::string> break_glass;  ///< ids of what would let the user pass
  std::vector<std::string> refusals;
  std::vector<std::string> notes;

  [[nodiscard]] bool allowed() const noexcept { return refusals.empty(); }
};
[[nodiscard]] Explanation explain_launch(const Rules& rules, Facts facts);

}  // namespace sifguard
