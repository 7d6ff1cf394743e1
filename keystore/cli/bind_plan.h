// What adding a binding changes: images.yaml and, for the first binding of a key, the key's own
// rule. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct BindPlan {
  std::string images;            ///< the new text of images.yaml
  std::optional<KeyRecord> key;  ///< that the binding names
  std::optional<KeyRule> rule;   ///< to be given to the key first
};

/// `images` with `binding`, whose key becomes the one that `key` (a reference, or empty) means.
/// Errors: those of append_binding(); Code::config for an unknown key; Code::denied for one that
/// releases nothing, whose rule does not cover the binding, or that other bindings use under other
/// signers.
[[nodiscard]] Result<BindPlan> plan_bind(std::string_view images, Binding binding,
                                         std::string_view key, const std::vector<KeyRecord>& keys);

}  // namespace sifguard
