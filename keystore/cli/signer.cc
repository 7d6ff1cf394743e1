// sifctl signer add|list|remove. Runs with the rights of the admin; `add` starts gpg on the key
// file in a private, temporary home.
#include "keystore/cli/signer.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/signer_add.h"

namespace sifguard {
namespace {

std::string expiry(const SignerRecord& signer) {
  return signer.expires == 0 ? "never" : format_utc(signer.expires);
}

nlohmann::ordered_json to_json(const SignerRecord& signer) {
  nlohmann::ordered_json expires = nullptr;
  if (signer.expires != 0) expires = format_utc(signer.expires);
  return {{"fingerprint", signer.fingerprint},
          {"user_id", signer.user_id},
          {"algorithm", signer.algorithm},
          {"created", format_utc(signer.created)},
          {"expires", expires},
          {"added", format_utc(signer.added)}};
}

Status list_signers(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto signers, keystore.signers());
  if (session.json) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& signer : signers) list.push_back(to_json(signer));
    session.print_json(list);
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& signer : signers) {
    rows.push_back({signer.fingerprint, signer.algorithm, expiry(signer), signer.user_id});
  }
  session.print_table({"FINGERPRINT", "ALGORITHM", "EXPIRES", "USER ID"}, rows);
  return {};
}

/// What still names a signer that is gone: from now on it refuses, which may surprise.
Status warn_of_uses(const Session& session, const Keystore& keystore,
                    const std::string& fingerprint) {
  SG_TRY(const auto keys, keystore.keys());
  for (const auto& key : keys) {
    for (const auto& signer : key.rule.signers) {
      if (signer == fingerprint) session.note("the key '" + key.name + "' still names this signer");
    }
  }
  SG_TRY(const std::string images, keystore.images_text());
  if (to_upper(images).find(fingerprint) != std::string::npos) {
    session.note("images.yaml still names this signer: such bindings refuse now");
  }
  return {};
}

Status remove_signer(const Session& session, const std::string& text) {
  SG_TRY(const std::string fingerprint, normalize_fingerprint(text));
  SG_TRY(Keystore keystore, session.keystore());
  SG_CHECK(keystore.remove_signer(fingerprint));
  session.out("removed " + fingerprint + "\n");
  return warn_of_uses(session, keystore, fingerprint);
}

void add_list(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("list", "List the signers");
  command->footer("\n  sifctl signer list\n  sifctl signer list --json");
  session.offer_json(command);
  session.on(command, [&session] { return list_signers(session); });
}

void add_remove(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("remove", "Forget a signer");
  command->footer(R"(
Bindings that name it refuse from now on.
  sifctl signer remove 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84)");
  const auto fingerprint = std::make_shared<std::string>();
  command->add_option("fingerprint", *fingerprint, "All 40 digits of its fingerprint")
      ->required()
      ->type_name("FPR");
  session.on(command, [&session, fingerprint] { return remove_signer(session, *fingerprint); });
}

}  // namespace

void add_signer_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("signer", "Whose signatures bindings may ask for");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_signer_add(*group, session);
  add_list(*group, session);
  add_remove(*group, session);
}

}  // namespace sifguard
