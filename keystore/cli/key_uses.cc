// Which image bindings use a key. Reads the keystore.
#include "keystore/cli/key_uses.h"

#include <algorithm>

#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

/// The key and all that it replaces, directly or not.
std::vector<const KeyRecord*> line_back(const std::vector<KeyRecord>& all, const KeyRecord& key) {
  std::vector<const KeyRecord*> line = {&key};
  while (line.size() <= all.size()) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const KeyRecord& other) {
      return other.id == line.back()->predecessor;
    });
    if (found == all.end()) break;
    line.push_back(&*found);
  }
  return line;
}

}  // namespace

Result<std::vector<std::string>> bindings_of_key(const Keystore& keystore, const KeyRecord& key) {
  SG_TRY(const auto all, keystore.keys());
  SG_TRY(const std::string text, keystore.images_text());
  SG_TRY(const Policy policy, parse_policy(text));
  const auto line = line_back(all, key);
  std::vector<std::string> names;
  for (const Binding& binding : policy.bindings) {
    const bool uses = binding.key && std::any_of(line.begin(), line.end(), [&](const auto* each) {
                        return refers_to(*binding.key, *each);
                      });
    if (uses) names.push_back(binding.name);
  }
  return names;
}

}  // namespace sifguard
