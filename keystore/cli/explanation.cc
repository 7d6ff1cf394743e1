// What would be decided for a launch, and why. Pure but for read_rules().
#include "keystore/cli/explanation.h"

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/key_rule.h"
#include "keystore/store/key_references.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

std::string matched_pattern(const Binding& binding, const Facts& facts) {
  const ImageNames known{facts.image_names.known};
  for (const ImageNames* names : {&known, &facts.image_names}) {
    for (const std::string& pattern : binding.match) {
      if (may_match(pattern, *names)) return pattern;
    }
  }
  return {};
}

/// What a launch would ask the registry or server, and nobody asks here.
void note_possible(const Rules& rules, Explanation& found) {
  const ImageNames& names = found.facts.image_names;
  const ImageNames all = open_references(names.known);
  Facts of_all;
  of_all.image_names = all;
  for (const Binding& binding : rules.policy.bindings) {
    if (selects(binding, names) || !concerns(binding, all)) continue;
    found.notes.push_back("whether the image is one that binding '" + binding.name + "' (" +
                          matched_pattern(binding, of_all) +
                          ") is for is found out at the launch; " +
                          (concerns(binding, names) ? "here it is taken to be"
                                                    : "if so, that binding holds as well"));
  }
}

/// A fact that a binding asks about and that was not given refuses, on a node too.
void note_unknown_facts(const Binding& binding, Explanation& found) {
  const Facts& facts = found.facts;
  const auto check = [&](const char* word, const std::optional<std::string>& fact,
                         std::optional<Values> Audience::*dimension) {
    const bool asked = binding.allow.*dimension || (binding.deny && (*binding.deny).*dimension);
    if (!asked || fact) return;
    found.notes.push_back("binding '" + binding.name + "' asks for the job's " + word +
                          ", which is unknown here, so it is refused: give --" + word);
  };
  check("account", facts.account, &Audience::accounts);
  check("partition", facts.partition, &Audience::partitions);
  check("qos", facts.qos, &Audience::qos);
  check("reservation", facts.reservation, &Audience::reservations);
  check("node", facts.node, &Audience::nodes);
}

/// Requirements that no signature could meet, since the keystore lacks the signers' keys.
void check_signers(const Rules& rules, Explanation& found) {
  const auto held = [&](const std::string& signer) {
    return std::any_of(rules.signers.begin(), rules.signers.end(),
                       [&](const SignerRecord& record) { return record.is_named(signer); });
  };
  // Some of whose signatures, at least the oldest, count.
  const auto counts = [&](const std::string& signer) {
    return std::any_of(rules.signers.begin(), rules.signers.end(), [&](const SignerRecord& record) {
      return record.is_named(signer) && (record.counts(0) || record.counts(1));
    });
  };
  for (const std::string& signer : found.decision->named_signers()) {
    if (!held(signer)) {
      found.notes.push_back("the signer " + signer +
                            " is not in the keystore: add it with `sifctl signer add`");
    }
    for (const SignerRecord& record : rules.signers) {
      if (!record.is_named(signer) || record.state == SignerState::active) continue;
      found.notes.push_back(
          "the signer " + signer + " is " + std::string(signer_state_name(record.state)) +
          " since " + format_utc(record.state_at) + ": " +
          (record.counts(1) ? "only older signatures count" : "none of its signatures count"));
    }
  }
  for (const SignerRequirement& required : found.decision->signers()) {
    const auto met = [&](const auto& can) {
      return (required.any_of.empty() ||
              std::any_of(required.any_of.begin(), required.any_of.end(), can)) &&
             std::all_of(required.all_of.begin(), required.all_of.end(), can);
    };
    if (!met(held)) {
      found.refusals.emplace_back("a signer's key is missing from the keystore");
    } else if (!met(counts) && found.decision->mode() == Mode::enforce) {
      found.refusals.emplace_back("a signer is revoked");
    }
  }
}

/// What the helper asks of a key when it comes to release it.
KeyOutcome ask_key(const KeyRecord& key, Explanation& found) {
  KeyOutcome outcome{key, {}, false};
  auto view = key.rule;
  const auto& leave = found.decision->key_break_glass();
  if (leave && view.is_set() && !check_key_audience(view, found.facts.user, found.facts.groups)) {
    view.everyone = true;
    if (!contains(found.break_glass, *leave)) {
      found.break_glass.push_back(*leave);
    }
  }
  const Status allowed =
      check_key_rule(view, found.facts.user, found.facts.groups, found.decision->named_signers());
  if (!allowed) {
    outcome.says = allowed.error().what();
  } else if (!decrypts(key.state)) {
    outcome.says = "the key is " + std::string(key_state_name(key.state));
  } else if (!key.has_private) {
    outcome.says = "only the key's public half is held";
  } else {
    outcome.says = "allows user " + found.facts.user;
    outcome.usable = true;
    const std::string lacking = describe_shortfall(view, found.decision->signers());
    if (!lacking.empty()) {
      found.notes.push_back("the rule of the key '" + key.name +
                            "' takes less than the binding: " + lacking);
    }
  }
  return outcome;
}

void check_keys(const Rules& rules, Explanation& found) {
  if (!found.decision->key()) return;
  if (found.decision->mode() == Mode::warn) {
    found.refusals.emplace_back("mode warn never releases a key");
    return;
  }
  const auto line = key_and_successors(rules.keys, *found.decision->key());
  if (!line) {
    found.refusals.push_back(line.error().what());
    return;
  }
  for (const KeyRecord& key : *line) found.keys.push_back(ask_key(key, found));
  const bool any = std::any_of(found.keys.begin(), found.keys.end(),
                               [](const KeyOutcome& key) { return key.usable; });
  if (!any) found.refusals.push_back(found.keys.front().says);
}

}  // namespace

Result<Rules> read_rules(const Keystore& keystore) {
  SG_TRY(const PolicyReader reader, PolicyReader::load(keystore));
  SG_TRY(Policy policy, reader.all());
  return read_rules(keystore, std::move(policy));
}

Result<Rules> read_rules_for(const Keystore& keystore, const ImageNames& names) {
  SG_TRY(const PolicyReader reader, PolicyReader::load(keystore));
  SG_TRY(Policy policy, reader.bindings_for(names));
  return read_rules(keystore, std::move(policy));
}

Result<Rules> read_rules(const Keystore& keystore, Policy policy) {
  Rules rules{std::move(policy), {}, {}};
  SG_TRY(rules.signers, keystore.signers());
  SG_TRY(rules.keys, keystore.keys());
  return rules;
}

Explanation explain_launch(const Rules& rules, Facts facts) {
  Explanation found;
  found.facts = std::move(facts);
  for (const Binding& binding : rules.policy.bindings) {
    std::string pattern = matched_pattern(binding, found.facts);
    if (pattern.empty()) continue;
    found.matching.emplace_back(&binding, std::move(pattern));
    note_unknown_facts(binding, found);
  }
  note_possible(rules, found);
  auto decision = [&] {
    if (!spells_keys_differently(rules.policy, found.facts.image_names)) {
      return decide(rules.policy, found.facts);
    }
    Policy resolved = rules.policy;
    resolve_keys(resolved, rules.keys);
    return decide(resolved, found.facts);
  }();
  if (!decision) {
    found.refusals.push_back(decision.error().what());
    return found;
  }
  found.decision = *std::move(decision);
  found.break_glass = found.decision->break_glass();
  check_signers(rules, found);
  check_keys(rules, found);
  return found;
}

}  // namespace sifguard
