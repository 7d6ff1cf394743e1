// sifctl key retire|suspend|resume|revoke|destroy: the steps of a key's life, see
// keystore/store/key_state.h. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/cli/confirm.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/key_uses.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

/// The command line of one of the commands.
struct KeyLifeOptions {
  KeyStep step = KeyStep::retire;
  std::string key;
  std::string reason;
  ActOptions act;
};

/// What the step means for images, for who has to act on it.
std::string consequence(KeyState state, const std::string& bindings) {
  switch (state) {
    case KeyState::active:
      return "these bindings use the key again: " + bindings;
    case KeyState::retired:
      return "the key still opens images for the bindings " + bindings;
    case KeyState::suspended:
    case KeyState::revoked:
    case KeyState::destroyed:
      break;
  }
  return "images encrypted for the key do not run any more under the bindings " + bindings;
}

/// Whether there is a way back.
std::string way_back(KeyStep step, const std::string& key) {
  switch (step) {
    case KeyStep::retire:
      return "this is final: a retired key does not become active again";
    case KeyStep::suspend:
      return "not final: sifctl key resume " + key + " ends it";
    case KeyStep::resume:
      return "not final: it can be suspended again";
    case KeyStep::revoke:
      return "this is final: a revoked key can only be destroyed";
    case KeyStep::destroy:
      break;
  }
  return "this is final: nothing here brings the private half back";
}

Result<KeyState> check_step(const KeyRecord& key, const KeyLifeOptions& options) {
  auto next = next_state(key.state, key.previous_state, options.step);
  if (next) return next;
  const Error& error = next.error();
  return tl::unexpected(
      error.reworded("the key '" + key.name + "' " + error.what(), error.remedy()));
}

void tell(const Session& session, const KeyRecord& before, KeyState next,
          const KeyLifeOptions& options, const std::vector<std::string>& bindings) {
  std::string text = before.name + ": " + std::string(key_state_name(before.state)) + " -> " +
                     std::string(key_state_name(next));
  if (!options.reason.empty()) text += " (" + options.reason + ")";
  if (options.act.dry_run) text += ", not done: --dry-run";
  session.out(text + "\n" + way_back(options.step, before.name) + "\n");
  if (!bindings.empty() && !session.json) session.note(consequence(next, joined(bindings)));
}

/// What it ends: what was published with the key goes on, launches that it opens images for do not.
void tell_before(const Session& session, const Keystore& keystore, const KeyLifeOptions& options,
                 const KeyRecord& key, KeyState next) {
  if (next == KeyState::suspended || next == KeyState::revoked) {
    note_published(session, keystore,
                   [&](const PublishedRecord& copy) { return copy.source_key == key.id; });
  }
  if (decrypts(next) || !decrypts(key.state)) return;
  tell_launches(session, options.act, [&](const PastLaunch& launch) {
    return launch.key_id == key.id ? Effect::refused : Effect::none;
  });
}

Status answer(const Session& session, const Keystore& keystore, const KeyRecord& key,
              const std::vector<std::string>& bindings) {
  SG_TRY(const auto all, keystore.keys());
  auto object = key_to_json(key, Replacements(all));
  object["bindings"] = bindings;
  session.answer("key", std::move(object));
  return {};
}

/// The key as it is, or will be, after the step.
KeyRecord planned(KeyRecord key, const KeyLifeOptions& options, KeyState next) {
  key.previous_state = key.state;
  key.state = next;
  key.state_since = ::time(nullptr);
  if (!options.reason.empty()) key.reason = options.reason;
  if (next == KeyState::destroyed) key.has_private = false;
  return key;
}

Status say_taken(const Session& session, const Keystore& keystore, const KeyRecord& key,
                 const std::vector<std::string>& bindings) {
  session.unchanged(key.name + ": " + std::string(key_state_name(key.state)) + " already" +
                    (key.reason.empty() ? "" : " (" + key.reason + ")"));
  return answer(session, keystore, key, bindings);
}

Status ask_before_destroying(const KeyRecord& key, const std::vector<std::string>& bindings) {
  return confirm("The private half of the key '" + key.name +
                     "' will be gone for good, and with it every image that is encrypted for "
                     "it alone. Bindings that use it: " +
                     (bindings.empty() ? "none" : joined(bindings)),
                 key.name);
}

Status take_step(const Session& session, const KeyLifeOptions& options) {
  if (options.step == KeyStep::revoke) SG_CHECK(check_revocation_reason(options.reason));
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord key, keystore.find_key(options.key));
  SG_TRY(const auto bindings, bindings_of_key(keystore, key));
  if (is_taken(key.state, key.previous_state, options.step)) {
    return say_taken(session, keystore, key, bindings);
  }
  SG_TRY(const KeyState next, check_step(key, options));
  tell_before(session, keystore, options, key, next);
  if (options.step == KeyStep::revoke) {
    SG_CHECK(ask_before_final(options.act, "Revoking the key '" + key.name + "'"));
  }
  KeyRecord after = planned(key, options, next);
  if (!options.act.dry_run) {
    if (options.step == KeyStep::destroy && !options.act.yes) {
      SG_CHECK(ask_before_destroying(key, bindings));
    }
    SG_TRY(after, keystore.step_key(key.id, options.step, options.reason));
    if (options.step == KeyStep::destroy && !key.token.empty()) {
      session.note("the key itself stays in the token: delete it there");
    }
  }
  tell(session, key, next, options, bindings);
  return answer(session, keystore, after, bindings);
}

CLI::App* add_step(CLI::App& group, Session& session, CommandKind kind, const char* name,
                   const char* help, const std::shared_ptr<KeyLifeOptions>& options) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("key", options->key, kKeyReference)->required()->type_name("KEY");
  const bool asks = options->step == KeyStep::revoke || options->step == KeyStep::destroy;
  options->act.offer(*command, asks);
  session.on(kind, command, [&session, options] { return take_step(session, *options); });
  return command;
}

std::shared_ptr<KeyLifeOptions> options_for(KeyStep step) {
  auto options = std::make_shared<KeyLifeOptions>();
  options->step = step;
  return options;
}

void add_revoke(CLI::App& group, Session& session) {
  const auto options = options_for(KeyStep::revoke);
  auto* command =
      add_step(group, session, CommandKind::closes, "revoke", "Revoke a key permanently", options);
  command->add_option("--reason", options->reason, "Why, in the words of RFC 5280")
      ->required()
      ->type_name("REASON");
  command->footer(R"(
The key is never released again. Earlier releases cannot be recalled: encrypt the images again.
First it shows, from the audit logs, who would be refused. It is final, and asks.
Reasons: unspecified, keyCompromise, cACompromise, affiliationChanged, superseded,
cessationOfOperation, privilegeWithdrawn, aACompromise.
  sifctl key revoke lolcow --reason keyCompromise)");
}

void add_destroy(CLI::App& group, Session& session) {
  const auto options = options_for(KeyStep::destroy);
  auto* command = add_step(group, session, CommandKind::closes, "destroy",
                           "Wipe the private half; the record stays", options);
  command->footer(R"(
The key must be retired, suspended or revoked. Images that are encrypted only for this key are lost,
unless the key is in a backup or in a PFX file, which this command does not change.
  sifctl key destroy lolcow
  sifctl key destroy lolcow --yes)");
}

}  // namespace

void add_key_life(CLI::App& group, Session& session) {
  add_step(group, session, CommandKind::closes, "retire",
           "Retire a key permanently; it still decrypts", options_for(KeyStep::retire))
      ->footer("\nA retired key does not become active again.\n  sifctl key retire lolcow");
  add_step(group, session, CommandKind::closes, "suspend",
           "Suspend a key: it is not released until it is resumed", options_for(KeyStep::suspend))
      ->footer("\nsifctl key resume ends it.\n  sifctl key suspend lolcow");
  add_step(group, session, CommandKind::changes, "resume", "End the suspension of a key",
           options_for(KeyStep::resume))
      ->footer(
          "\nThe key is again what it was before it was suspended.\n  sifctl key resume lolcow");
  add_revoke(group, session);
  add_destroy(group, session);
}

}  // namespace sifguard
