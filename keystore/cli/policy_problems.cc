// What is wrong with bindings that are well-formed. Pure.
#include "keystore/cli/policy_problems.h"

#include <algorithm>
#include <map>

#include "keystore/base/file_kind.h"
#include "keystore/cli/key_lines.h"
#include "keystore/policy/binding_limits.h"
#include "keystore/policy/contradictions.h"
#include "keystore/policy/date.h"
#include "keystore/policy/key_rule.h"
#include "keystore/policy/policy.h"
#include "keystore/store/key_references.h"

namespace sifguard {
namespace {

using Texts = std::vector<std::string>;

void check_signers(const Rules& rules, const Binding& binding, Texts& problems) {
  for (const Texts* named : {&binding.signers.any_of, &binding.signers.all_of}) {
    for (const std::string& signer : *named) {
      const bool held =
          std::any_of(rules.signers.begin(), rules.signers.end(),
                      [&](const SignerRecord& record) { return record.is_named(signer); });
      if (!held) problems.push_back("the signer " + signer + " is not in the keystore");
      for (const SignerRecord& record : rules.signers) {
        if (record.is_named(signer) && record.state == SignerState::revoked) {
          problems.push_back("the signer " + signer + " is revoked (" + record.reason + ")");
        }
      }
    }
  }
}

void check_key(const Rules& rules, const Binding& binding, Texts& problems) {
  if (!binding.key) return;
  const auto line = key_and_successors(rules.keys, *binding.key);
  if (!line) {
    problems.push_back(line.error().what());
    return;
  }
  const auto usable = std::find_if(line->begin(), line->end(),
                                   [](const KeyRecord& key) { return decrypts(key.state); });
  if (usable == line->end()) {
    problems.push_back("the key '" + line->front().name + "' is " +
                       std::string(key_state_name(line->front().state)));
    return;
  }
  const std::string shown = "the key '" + usable->name + "'";
  if (binding.mode == Mode::warn) {
    problems.push_back(shown + " is of no use: mode warn never releases a key");
  }
  const KeyRule& rule = usable->rule;
  if (!rule.is_set()) {
    problems.push_back(shown + " has no rule and releases nothing: sifctl key rule set");
    return;
  }
  if (const auto covered = check_rule_covers(rule, key_rule_for(binding)); !covered) {
    problems.push_back(shown + "'s own rule refuses: " + covered.error().line());
  }
}

/// Those of each binding with the ones before it, by its index.
std::vector<Texts> describe_contradictions(const Rules& rules, const Policy& resolved) {
  const std::vector<Binding>& bindings = rules.policy.bindings;
  std::vector<Texts> of_binding(bindings.size());
  for (const Contradiction& one : find_contradictions(resolved.bindings)) {
    const Binding& before = bindings[one.first];
    const Binding& after = bindings[one.second];
    of_binding[one.second].push_back(
        one.keys ? "it names the key '" + *after.key + "', and '" + before.name + "' the key '" +
                       *before.key + "', both for " + one.image + ", which is refused"
                 : "it names another digest than '" + before.name + "' for " + one.image +
                       ", which is refused");
  }
  return of_binding;
}

/// What `image bind` would refuse beside the bindings before, though the key's rule does not.
class Siblings {
 public:
  explicit Siblings(const std::vector<KeyRecord>& keys) : lines_(keys) {}

  void check(const Binding& binding, bool rule_fits, Texts& problems) {
    if (!binding.key) return;
    auto [line, added] = line_of_.try_emplace(*binding.key);
    if (added) line->second = lines_.of(*binding.key);
    std::vector<const Binding*>& before = of_line_[line->second];
    if (rule_fits) {
      if (const auto checked = check_siblings(before, binding); !checked) {
        problems.push_back("the key '" + *binding.key + "': " + checked.error().what());
      }
    }
    before.push_back(&binding);
  }

 private:
  KeyLines lines_;
  std::map<std::string, std::string> line_of_;
  std::map<std::string, std::vector<const Binding*>> of_line_;
};

}  // namespace

Result<Policy> parse_policy_file(std::string_view text, const std::string& file) {
  auto policy = parse_policy(text);
  if (policy) return policy;
  std::string what = policy.error().what();
  const std::string shown = std::string(kImagesFile) + ":";
  const bool placed = what.starts_with(shown);
  what = placed ? file + what.substr(shown.size() - 1) : file + ": " + what;
  Error error(policy.error().code(), std::move(what), policy.error().remedy());
  return tl::unexpected(name_file_kind(std::move(error), text, WantedFile::bindings));
}

std::vector<PolicyProblem> find_problems(const Rules& rules, std::int64_t now) {
  std::vector<PolicyProblem> found;
  Siblings siblings(rules.keys);
  const std::vector<Binding>& bindings = rules.policy.bindings;
  Policy resolved = rules.policy;
  resolve_keys(resolved, rules.keys);
  auto contradictions = describe_contradictions(rules, resolved);
  const auto nobody = find_nobody(resolved, now);
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    const Binding& binding = bindings[i];
    Texts problems = std::move(contradictions[i]);
    problems.insert(problems.end(), nobody[i].begin(), nobody[i].end());
    check_signers(rules, binding, problems);
    const std::size_t before = problems.size();
    check_key(rules, binding, problems);
    siblings.check(binding, problems.size() == before, problems);
    for (std::string& what : problems) {
      found.push_back({binding.name, binding.line, std::move(what)});
    }
    if (binding.not_after && *binding.not_after < now) {
      found.push_back({binding.name, binding.line,
                       "it ended on " + format_date(*binding.not_after, DayEdge::last_second),
                       true});
    }
  }
  return found;
}

}  // namespace sifguard
