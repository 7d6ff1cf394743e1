// What a node enforces, from its sifguard.yaml and from other sources. Pure.
//
// Enforcement does not depend on one file being readable: plugstack.conf's argument `enforce`, and
// the last good reading of the file, each also demand it.
#pragma once

#include <optional>
#include <string>

#include "keystore/base/error.h"
#include "keystore/policy/config.h"

namespace sifguard {

/// What, besides sifguard.yaml, says that this node enforces images.
struct Insistence {
  bool argument = false;    ///< plugstack.conf
  bool remembered = false;  ///< the last good reading, or a damaged record
  /// The directory of a record that is damaged, or that others than root could write; else empty.
  std::string damaged_in = {};
  [[nodiscard]] bool any() const noexcept { return argument || remembered; }
};

/// The configuration with what the node enforces, from the result of reading its file. nullopt: the
/// file was not understood, and nothing says that this node enforces anything.
///
/// The next file that is understood replaces what is remembered, also if it has `enforce:
/// requested`, no such field, or only comments, like the installed file. A file that is missing or
/// empty has lost its content, and refuses if enforcement is remembered. plugstack.conf's argument
/// alone means `always`. Errors: Code::config; Code::temporary when the file cannot be read at the
/// moment.
[[nodiscard]] Result<std::optional<Config>> settle_enforcement(const Result<Config>& read,
                                                               const Insistence& insistence);

}  // namespace sifguard
