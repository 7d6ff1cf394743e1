// The keys that bindings name, by one spelling. Pure.
#include "keystore/store/key_references.h"

#include <map>

namespace sifguard {

void resolve_keys(Policy& policy, const std::vector<KeyRecord>& keys) {
  std::map<std::string, std::string> ids;
  for (Binding& binding : policy.bindings) {
    if (!binding.key) continue;
    const auto [known, added] = ids.try_emplace(*binding.key, *binding.key);
    if (added) {
      const auto meant = key_and_successors(keys, *binding.key);
      if (meant) known->second = meant->front().id;
    }
    binding.key = known->second;
  }
}

Status settle_keys(Policy& policy, const ImageNames& names, const Keystore& keystore) {
  if (!spells_keys_differently(policy, names)) return {};
  SG_TRY(const auto keys, keystore.keys());
  resolve_keys(policy, keys);
  return {};
}

bool spells_keys_differently(const Policy& policy, const ImageNames& names) {
  const std::string* spelling = nullptr;
  for (const Binding& binding : policy.bindings) {
    if (!binding.key || !concerns(binding, names)) continue;
    if (spelling != nullptr && *spelling != *binding.key) return true;
    spelling = &*binding.key;
  }
  return false;
}

}  // namespace sifguard
