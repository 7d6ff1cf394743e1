// sifctl signer add|remove. Runs with the rights of the admin; `add` starts gpg on the key
// file in a private, temporary home.
#include "keystore/cli/commands.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_json.h"
#include "keystore/cli/signer_uses.h"
#include "keystore/store/signer_step.h"

namespace sifguard {
namespace {

struct RemoveOptions {
  std::string signer;
  ActOptions act;
};

/// The signer by those of its names that one of `others` bears, or does not bear, as well.
SignerRecord with_names(SignerRecord signer, const std::vector<SignerRecord>& others, bool borne) {
  std::erase_if(signer.names, [&](const std::string& name) {
    return borne != std::any_of(others.begin(), others.end(),
                                [&](const auto& other) { return other.is_named(name); });
  });
  return signer;
}

/// What still names a signer that is gone: from now on it refuses, which may surprise.
Status warn_of_uses(const Session& session, const Keystore& keystore, const SignerRecord& gone,
                    const std::vector<SignerRecord>& left) {
  SG_TRY(const auto keys, keystore.keys());
  for (const auto& key : keys) {
    if (is_one_of(key.rule.signers, gone) || is_one_of(key.rule.all_of, gone)) {
      session.note("the key '" + key.name + "' still names this signer");
    }
  }
  SG_CHECK(note_bindings(session, keystore, with_names(gone, left, false), "still names",
                         ", and refuses now"));
  return note_bindings(session, keystore, with_names(gone, left, true), "still names",
                       "; another certificate of that name stays");
}

/// What who adds it again will find (store/removed_signers.h).
void tell_remembered(const Session& session, const SignerRecord& gone) {
  if (gone.state == SignerState::retired) {
    session.note("it was retired since " + format_utc(gone.state_at) +
                 ", which is remembered: if it is added again, it is retired");
  }
}

/// Whoever is named by a binding and not held refuses, whoever else signed.
LostSigners lost_with(const SignerRecord& gone, const std::vector<SignerRecord>& others) {
  LostSigners lost;
  const SignerRecord alone = with_names(gone, others, false);
  lost.names.insert(alone.names.begin(), alone.names.end());
  lost.removed = true;
  return lost;
}

Status remove_signer(const Session& session, const RemoveOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const SignerRecord gone, keystore.find_signer(options.signer));
  SG_CHECK(check_removable(gone));
  SG_TRY(auto others, keystore.signers());
  std::erase_if(others, [&](const SignerRecord& one) { return one.id == gone.id; });
  SG_CHECK(tell_launches(session, options.act, keystore, lost_with(gone, others)));
  SG_CHECK(keystore.remove_signer(gone.id));
  session.tell("removed", gone.id);
  session.answer("signer", signer_to_json(gone));
  tell_remembered(session, gone);
  return warn_of_uses(session, keystore, gone, others);
}

void add_remove(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("remove", "Remove a signer");
  command->footer(R"(
Bindings that name it refuse from now on. Its retirement is remembered, and so is an OpenPGP key: if it is
added again, it is retired, and what its owner revoked stays revoked, whichever copy is given. The command
shows, from the audit logs, who would be refused.
  sifctl signer remove 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84)");
  const auto o = std::make_shared<RemoveOptions>();
  command->add_option("signer", o->signer, "As `signer list` shows it; fingerprints in full")
      ->required()
      ->type_name("SIGNER");
  o->act.offer(*command, false);
  session.on_closing(command, [&session, o] { return remove_signer(session, *o); });
}

}  // namespace

void add_signer_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("signer", "Signers whose signatures bindings may require");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_signer_add(*group, session);
  add_signer_fetch(*group, session);
  add_signer_list(*group, session);
  add_signer_life(*group, session);
  add_remove(*group, session);
}

}  // namespace sifguard
