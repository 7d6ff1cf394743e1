// sifctl key, and its list|show|export-public. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

Status list_keys(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto keys, keystore.keys());
  const Replacements names(keys);
  auto list = nlohmann::ordered_json::array();
  for (const auto& key : keys) list.push_back(key_to_json(key, names));
  session.answer("key-list", std::move(list));
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  std::vector<std::vector<std::string>> rows;
  for (const auto& key : keys) {
    rows.push_back({key.name, std::string(key_state_name(key.state)), format_utc(key.state_since),
                    std::to_string(key.bits), or_dash(key.thumbprint), key.id.substr(0, 16),
                    or_dash(names.successor(key))});
  }
  session.print_table({"NAME", "STATE", "SINCE", "BITS", "THUMBPRINT", "ID", "SUCCESSOR"}, rows);
  return {};
}

Status show_one_key(const Session& session, const std::string& reference) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord key, keystore.find_key(reference));
  return show_key(session, keystore, key);
}

/// A public half is handed out to encrypt images for it.
Status warn_of_state(const Session& session, const Keystore& keystore, const KeyRecord& key) {
  if (key.state == KeyState::active) return {};
  SG_TRY(const auto all, keystore.keys());
  const std::string successor = Replacements(all).successor(key);
  session.note("the key '" + key.name + "' is " + std::string(key_state_name(key.state)) +
               ": encrypt no new image for it" +
               (successor.empty() ? "" : ", but for '" + successor + "'"));
  return {};
}

Status export_public(const Session& session, const std::string& reference, bool pkcs1) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord key, keystore.find_key(reference));
  SG_TRY(const RsaPublicKey half, keystore.load_public_key(key));
  SG_TRY(const std::string pem, pkcs1 ? half.pkcs1_pem() : half.spki_pem());
  session.answer("public-key",
                 {{"name", key.name}, {"id", key.id}, {"form", pkcs1 ? "pkcs1" : "spki"}});
  session.out_content(pem);
  return warn_of_state(session, keystore, key);
}

void add_list(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("list", "List the keys");
  command->footer("\n  sifctl key list\n  sifctl key list --json");
  session.on_read(command, [&session] { return list_keys(session); });
}

void add_show(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("show", "Show one key");
  command->footer("\n  sifctl key show lolcow\n  sifctl key show lolcow --json");
  const auto reference = std::make_shared<std::string>();
  command->add_option("key", *reference, kKeyReference)->required()->type_name("KEY");
  session.on_read(command, [&session, reference] { return show_one_key(session, *reference); });
}

void add_export(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("export-public", "Write the public half as PEM");
  command->footer(R"(
This is what images are encrypted with; apptainer and singularity require the PKCS#1 form:
  sifctl key export-public lolcow --pkcs1 > lolcow-public.pem
  apptainer build --pem-path=lolcow-public.pem lolcow.sif lolcow.def)");
  const auto reference = std::make_shared<std::string>();
  const auto pkcs1 = std::make_shared<bool>(false);
  command->add_option("key", *reference, kKeyReference)->required()->type_name("KEY");
  command->add_flag("--pkcs1", *pkcs1, "BEGIN RSA PUBLIC KEY instead of BEGIN PUBLIC KEY");
  session.on_read(
      command, [&session, reference, pkcs1] { return export_public(session, *reference, *pkcs1); });
}

}  // namespace

void add_key_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("key", "Keys that images are encrypted for");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_key_create(*group, session);
  add_key_import(*group, session);
  add_list(*group, session);
  add_show(*group, session);
  add_export(*group, session);
  add_key_rule(*group, session);
  add_key_rotate(*group, session);
  add_key_life(*group, session);
}

}  // namespace sifguard
