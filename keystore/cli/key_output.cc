// How `sifctl key` shows a key. Runs with the rights of the admin.
#include "keystore/cli/key_output.h"

#include <nlohmann/json.hpp>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string audience(const KeyRule& rule) {
  if (rule.everyone) return "everyone";
  std::string text = joined(rule.users);
  for (const auto& group : rule.groups) text += (text.empty() ? "group " : ", group ") + group;
  return text;
}

}  // namespace

nlohmann::ordered_json key_to_json(const KeyRecord& key) {
  return {{"name", key.name},
          {"id", key.id},
          {"thumbprint", key.thumbprint},
          {"state", key_state_name(key.state)},
          {"bits", key.bits},
          {"created", format_utc(key.created)},
          {"private", key.has_private},
          {"rule",
           {{"signers", key.rule.signers},
            {"users", key.rule.users},
            {"groups", key.rule.groups},
            {"everyone", key.rule.everyone}}}};
}

void show_key(const Session& session, const KeyRecord& key) {
  if (session.json) {
    session.print_json(key_to_json(key));
    return;
  }
  const bool ruled = !key.rule.signers.empty();
  session.print_fields({{"name", key.name},
                        {"id", key.id},
                        {"thumbprint", key.thumbprint},
                        {"state", std::string(key_state_name(key.state))},
                        {"bits", std::to_string(key.bits)},
                        {"created", format_utc(key.created)},
                        {"private", key.has_private ? "held" : "not held"},
                        {"signers", ruled ? joined(key.rule.signers)
                                          : "none yet: the key releases nothing before its first "
                                            "sifctl image bind"},
                        {"users", ruled ? audience(key.rule) : ""}});
}

}  // namespace sifguard
