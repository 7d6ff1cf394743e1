// What adding a binding changes: images.yaml and, for the first binding of a key, the key's own
// rule. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/policy/images_edit.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct BindPlan {
  std::string name;    ///< of the binding
  std::string images;  ///< the new text of images.yaml
  PutBinding how = PutBinding::added;
  std::optional<KeyRecord> key;  ///< the key that the binding names
  std::optional<KeyRule> rule;   ///< the rule to be given to the key first
};

/// `images` with `binding`, whose key becomes the one that `key` (a reference, or empty) means.
/// Errors: those of put_binding(); Code::absent for an unknown key; Code::wrong_state for a key
/// that is not released in its state; Code::denied for a key whose rule does not cover the binding,
/// or that other bindings use with other signers.
[[nodiscard]] Result<BindPlan> plan_bind(std::string_view images, Binding binding,
                                         std::string_view key, const std::vector<KeyRecord>& keys,
                                         bool replace = false);

/// The binding as it will be read.
[[nodiscard]] const Binding& binding_of(const BindPlan& plan, const Policy& policy);

}  // namespace sifguard
