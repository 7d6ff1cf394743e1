// How `sifctl key` shows a key. Runs with the rights of the admin.
#include "keystore/cli/key_output.h"

#include <nlohmann/json.hpp>

#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/policy/key_rule.h"

namespace sifguard {
namespace {

std::string found(const std::map<std::string, std::string>& names, const std::string& id) {
  const auto at = names.find(id);
  return at == names.end() ? std::string() : at->second;
}

/// "revoked since 2026-01-31T12:00:00Z (keyCompromise), before: active"
std::string describe_state(const KeyRecord& key) {
  std::string text(key_state_name(key.state));
  if (!key.previous_state) return text;
  text += " since " + format_utc(key.state_since);
  if (!key.reason.empty()) text += " (" + key.reason + ")";
  return text + ", before: " + std::string(key_state_name(*key.previous_state));
}

}  // namespace

Replacements::Replacements(const std::vector<KeyRecord>& all) {
  for (const KeyRecord& key : all) {
    name_of_.emplace(key.id, key.name);
    if (!key.predecessor.empty()) successor_of_.emplace(key.predecessor, key.name);
  }
}

std::string Replacements::predecessor(const KeyRecord& key) const {
  return found(name_of_, key.predecessor);
}

std::string Replacements::successor(const KeyRecord& key) const {
  return found(successor_of_, key.id);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string describe_audience(const KeyRule& rule) {
  if (rule.everyone) return "everyone";
  std::string text = joined(rule.users);
  for (const auto& group : rule.groups) text += (text.empty() ? "group " : ", group ") + group;
  return text;
}

std::string describe_signers(const KeyRule& rule) {
  return describe_rule_signers(rule);
}

nlohmann::ordered_json rule_to_json(const KeyRule& rule) {
  return {{"signers", rule.signers},
          {"users", rule.users},
          {"groups", rule.groups},
          {"everyone", rule.everyone},
          {"all_of", rule.all_of}};
}

nlohmann::ordered_json key_to_json(const KeyRecord& key, const Replacements& names) {
  const auto previous = key.previous_state ? key_state_name(*key.previous_state) : "";
  return {{"name", key.name},
          {"id", text_or_null(key.id)},
          {"thumbprint", text_or_null(key.thumbprint)},
          {"state", key_state_name(key.state)},
          {"since", format_utc(key.state_since)},
          {"previous_state", text_or_null(std::string(previous))},
          {"reason", text_or_null(key.reason)},
          {"bits", key.bits},
          {"created", format_utc(key.created)},
          {"private", key.has_private},
          {"token", text_or_null(key.token)},
          {"predecessor", text_or_null(names.predecessor(key))},
          {"successor", text_or_null(names.successor(key))},
          {"rule", rule_to_json(key.rule)}};
}

Status show_key(const Session& session, const Keystore& keystore, const KeyRecord& key) {
  SG_TRY(const auto all, keystore.keys());
  const Replacements names(all);
  session.answer("key", key_to_json(key, names));
  const bool ruled = key.rule.is_set();
  session.print_fields({{"name", key.name},
                        {"id", key.id},
                        {"thumbprint", key.thumbprint},
                        {"state", describe_state(key)},
                        {"bits", std::to_string(key.bits)},
                        {"created", format_utc(key.created)},
                        {"private", !key.has_private    ? "not held"
                                    : key.token.empty() ? "held"
                                                        : "in a token"},
                        {"token", key.token},
                        {"replaces", names.predecessor(key)},
                        {"replaced by", names.successor(key)},
                        {"signers", ruled ? describe_signers(key.rule)
                                          : "none yet: the key releases nothing before its first "
                                            "sifctl image bind"},
                        {"users", ruled ? describe_audience(key.rule) : ""}});
  return {};
}

}  // namespace sifguard
