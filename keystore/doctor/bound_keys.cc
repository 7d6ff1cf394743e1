// Keys that no binding leads to, and keys that bindings lead to in vain. Pure.
#include <map>
#include <set>

#include "keystore/doctor/checks.h"

namespace sifguard {
namespace {

/// The ids of the keys behind what bindings call a key, and how many bindings do.
struct Line {
  std::vector<const KeyRecord*> keys;
  std::string first_binding;
};

/// Ids of `all` that lead to the same records, which outlive the copies.
std::vector<const KeyRecord*> own_records(const std::vector<KeyRecord>& all,
                                          const std::vector<KeyRecord>& line) {
  std::vector<const KeyRecord*> own;
  for (const KeyRecord& copy : line) {
    for (const KeyRecord& key : all) {
      if (key.id == copy.id) own.push_back(&key);
    }
  }
  return own;
}

std::map<std::string, Line> lines_of(const Policy& policy, const std::vector<KeyRecord>& all) {
  std::map<std::string, Line> lines;
  for (const Binding& binding : policy.bindings) {
    if (!binding.key || lines.contains(*binding.key)) continue;
    Line& line = lines[*binding.key];
    line.first_binding = binding.name;
    // A key that is not there is told with what else is wrong with bindings.
    if (const auto found = key_and_successors(all, *binding.key)) {
      line.keys = own_records(all, *found);
    }
  }
  return lines;
}

void check_line(const Line& line, Findings& findings) {
  bool usable = false;
  for (const KeyRecord* const key : line.keys) usable = usable || decrypts(key->state);
  for (const KeyRecord* const key : line.keys) {
    const std::string shown = "the key '" + key->name + "'";
    const std::string bound = ", and bound by '" + line.first_binding + "'";
    if (!decrypts(key->state) && usable) {
      findings.warn("key " + key->name,
                    shown + " is " + std::string(key_state_name(key->state)) + bound +
                        "; another of its line serves",
                    "bind to that one, once no image is encrypted for this");
    } else if (decrypts(key->state) && !key->has_private) {
      findings.problem("key " + key->name,
                       "only the public half of " + shown + " is held here" + bound,
                       "import its private half, or unbind it");
    }
  }
}

}  // namespace

void check_bound_keys(const Examined& examined, Findings& findings) {
  if (!examined.keys || !examined.policy) return;
  const auto lines = lines_of(*examined.policy, *examined.keys);
  std::set<std::string> bound;
  for (const auto& [reference, line] : lines) {
    check_line(line, findings);
    for (const KeyRecord* const key : line.keys) bound.insert(key->id);
  }
  for (const KeyRecord& key : *examined.keys) {
    if (bound.contains(key.id) || !key.has_private || !decrypts(key.state)) continue;
    findings.warn("key " + key.name, "no binding uses the key '" + key.name + "'",
                  key.state == KeyState::retired
                      ? "once no image is encrypted for it, sifctl key destroy " + key.name
                      : "bind an image to it, or sifctl key retire and destroy " + key.name);
  }
}

}  // namespace sifguard
