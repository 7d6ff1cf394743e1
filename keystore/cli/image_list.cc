// sifctl image list|show. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/binding_json.h"
#include "keystore/cli/session.h"
#include "keystore/policy/date.h"
#include "keystore/policy/describe_binding.h"
#include "keystore/policy/policy.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;
using Json = nlohmann::ordered_json;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string allow_cell(const Binding& binding) {
  std::string text = describe_audience(binding.allow);
  if (binding.deny) text += "; not " + describe_audience(*binding.deny);
  if (binding.not_before) {
    text += "; from " + format_date(*binding.not_before, DayEdge::first_second);
  }
  if (binding.not_after) {
    text += "; until " + format_date(*binding.not_after, DayEdge::last_second);
  }
  if (binding.mode == Mode::warn) text += "; warns only";
  if (binding.release == Release::mount) text += "; mounted";
  if (binding.preloaded) text += "; preloaded only";
  return text;
}

Status list_images(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const PolicyReader reader, PolicyReader::load(keystore));
  SG_TRY(const Policy policy, reader.all());
  Json list = Json::array();
  for (const Binding& binding : policy.bindings) list.push_back(binding_to_json(binding));
  session.answer("binding-list", std::move(list));
  std::vector<Values> rows;
  for (const Binding& binding : policy.bindings) {
    std::string match;
    for (const std::string& pattern : binding.match) match += (match.empty() ? "" : " ") + pattern;
    rows.push_back({binding.name, match, describe_signers(binding.signers),
                    binding.key.value_or("-"), allow_cell(binding)});
  }
  session.print_table({"NAME", "MATCH", "SIGNERS", "KEY", "ALLOW"}, rows);
  return {};
}

std::string list_of(const Values& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : " ") + value;
  return text.empty() ? "none" : text;
}

std::string key_text(const Keystore& keystore, const Binding& binding) {
  if (!binding.key) return "none: the image is not encrypted";
  const auto key = keystore.find_key(*binding.key);
  if (!key) return *binding.key + ", which the keystore lacks";
  return *binding.key + " (" + std::string(key_state_name(key->state)) + ")";
}

std::string day_text(const std::optional<std::int64_t>& at, DayEdge edge) {
  return at ? format_date(*at, edge) : "";
}

Fields fields_of(const Keystore& keystore, const Binding& binding) {
  Fields fields = {{"name", binding.name}};
  for (const std::string& pattern : binding.match) fields.emplace_back("match", pattern);
  fields.emplace_back("digest", binding.digest.value_or(""));
  fields.emplace_back("signers", describe_signers(binding.signers));
  fields.emplace_back("signed after",
                      day_text(binding.signers.signed_after, DayEdge::first_second));
  fields.emplace_back("key", key_text(keystore, binding));
  fields.emplace_back("allow", describe_audience(binding.allow));
  fields.emplace_back("deny", binding.deny ? describe_audience(*binding.deny) : "");
  fields.emplace_back("not before", day_text(binding.not_before, DayEdge::first_second));
  fields.emplace_back("not after", day_text(binding.not_after, DayEdge::last_second));
  fields.emplace_back("mode", binding.mode == Mode::warn ? "warn" : "enforce");
  fields.emplace_back("release",
                      binding.release ? std::string(release_name(*binding.release)) : "");
  fields.emplace_back("preloaded", binding.preloaded ? "only what was prefetched" : "");
  fields.emplace_back("users may ask for",
                      binding.runtime.allow ? list_of(*binding.runtime.allow) : "");
  for (const std::string& bind : binding.runtime.binds) fields.emplace_back("bind", bind);
  fields.emplace_back("contain", binding.runtime.contain ? "always" : "");
  fields.emplace_back("line", std::to_string(binding.line));
  return fields;
}

Status show_image(const Session& session, const std::string& name) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const PolicyReader reader, PolicyReader::load(keystore));
  SG_TRY(const Policy policy, reader.all());
  const auto found = std::find_if(policy.bindings.begin(), policy.bindings.end(),
                                  [&](const Binding& one) { return one.name == name; });
  if (found == policy.bindings.end()) {
    return fail(Code::absent, "there is no binding '" + printable(name, 100) + "'",
                "see sifctl image list");
  }
  session.answer("binding", binding_to_json(*found));
  session.print_fields(fields_of(keystore, *found));
  return {};
}

}  // namespace

void add_image_list(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("list", "List the bindings in their order");
  command->footer("\n  sifctl image list\n  sifctl image list --json");
  session.on_read(command, [&session] { return list_images(session); });
  command = group.add_subcommand("show", "Show one binding");
  command->footer("\n  sifctl image show lolcow\n  sifctl image show lolcow --json");
  const auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "Name of the binding")->required()->type_name("NAME");
  session.on_read(command, [&session, name] { return show_image(session, *name); });
}

}  // namespace sifguard
