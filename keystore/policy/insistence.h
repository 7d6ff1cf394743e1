// What a node enforces, from what its sifguard.yaml says and from what else says so. Pure.
//
// Enforcement does not hang on one file that can be read: plugstack.conf's argument `enforce`, and
// the last good reading of the file, each insist on it.
#pragma once

#include <optional>
#include <string>

#include "keystore/base/error.h"
#include "keystore/policy/config.h"

namespace sifguard {

/// Who says, besides sifguard.yaml, that this node enforces images.
struct Insistence {
  bool argument = false;    ///< plugstack.conf
  bool remembered = false;  ///< its last good reading, or one that is damaged
  /// The directory of a memory that is damaged, or that others than root could write; else empty.
  std::string damaged_in = {};
  [[nodiscard]] bool any() const noexcept { return argument || remembered; }
};

/// The configuration with what the node enforces, from what was read of its file. nullopt: it could
/// not be understood, and nobody says that this node enforces anything.
///
/// What is remembered is ended by the next file that is understood, as its author has it: with
/// `enforce: requested`, without the word, or with comments alone, as the one that is installed. A
/// file that is gone or empty has lost its words, and refuses where enforcement is remembered.
/// plugstack.conf's argument alone means `always`. Errors: Code::config;
/// Code::temporary when the file could not be read just now.
[[nodiscard]] Result<std::optional<Config>> settle_enforcement(const Result<Config>& read,
                                                               const Insistence& insistence);

}  // namespace sifguard
