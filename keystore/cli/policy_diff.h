// The differences between two sets of bindings, binding by binding; comments, the order of fields
// and YAML style are ignored. Pure.
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// The change of one binding: its lines of YAML that differ.
struct BindingChange {
  enum class Kind { added, removed, changed };
  Kind kind = Kind::changed;
  std::string name;
  std::vector<std::string> before, after;
};

/// Removed and changed ones in the order of `before`, then added ones in the order of `after`.
[[nodiscard]] std::vector<BindingChange> diff_policies(const Policy& before, const Policy& after);

[[nodiscard]] const char* change_name(BindingChange::Kind kind) noexcept;  ///< "added", …
/// "changed 'x'" and so on, each followed by its lines; ends with a line end unless empty.
[[nodiscard]] std::string format_changes(const std::vector<BindingChange>& changes);

}  // namespace sifguard
