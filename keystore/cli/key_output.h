// How `sifctl key` shows a key. Runs with the rights of the admin.
#pragma once

#include <map>

#include "keystore/cli/session.h"

namespace sifguard {

/// The references that find_key() accepts, for the help of commands.
inline constexpr const char* kKeyReference =
    "Name, id (or 16 or more of its first digits) or thumbprint";

/// The names of the keys that replace each other.
class Replacements {
 public:
  explicit Replacements(const std::vector<KeyRecord>& all);
  /// Empty when there is none.
  [[nodiscard]] std::string predecessor(const KeyRecord& key) const;
  [[nodiscard]] std::string successor(const KeyRecord& key) const;

 private:
  std::map<std::string, std::string> name_of_, successor_of_;  // by id
};

[[nodiscard]] nlohmann::ordered_json rule_to_json(const KeyRule& rule);
/// A key that is only planned has no id.
[[nodiscard]] nlohmann::ordered_json key_to_json(const KeyRecord& key, const Replacements& names);
/// Shows it as text, and as the answer "key".
Status show_key(const Session& session, const Keystore& keystore, const KeyRecord& key);
/// "alice, group bio"
[[nodiscard]] std::string describe_audience(const KeyRule& rule);
/// "F or G", "F and G".
[[nodiscard]] std::string describe_signers(const KeyRule& rule);
/// The parts with ", " between them.
[[nodiscard]] std::string joined(const std::vector<std::string>& parts);

}  // namespace sifguard
