// sifctl signer retire|restore|revoke: until when the signatures of a signer count, see
// keystore/store/signer_state.h. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_json.h"
#include "keystore/cli/signer_same_key.h"
#include "keystore/cli/signer_uses.h"
#include "keystore/policy/date.h"
#include "keystore/store/signer_step.h"

namespace sifguard {
namespace {

struct SignerLifeOptions {
  SignerState state = SignerState::retired;
  std::string signer, at, reason;
  ClockOption clock;
  ActOptions act;
};

/// "…: signatures made before 2026-01-31T12:00:00Z count, later ones do not"
std::string consequence(const SignerRecord& signer) {
  if (signer.state == SignerState::active) return "all its good signatures count";
  if (!signer.counts(1)) return "none of its signatures count";
  if (signer.id.starts_with("spki:") && signer.counts(0)) {
    return "its signatures do not say when they were made, so they go on counting: revoke it to "
           "end that";
  }
  return "signatures made before " + format_utc(signer.state_at) + " count, later ones do not" +
         (signer.counts(0) ? "" : ", nor those that do not say when");
}

/// Whether there is a way back.
std::string way_back(const SignerRecord& signer) {
  if (signer.state == SignerState::retired) {
    return "not final: sifctl signer restore takes it back";
  }
  if (signer.state == SignerState::revoked) return "this is final: a revoked signer stays revoked";
  return "not final: it can be retired again";
}

/// What is changed: the signer, and what a lost key takes with it.
struct Change {
  bool none = false;  ///< it is done already
  SignerRecord before, after;
  std::vector<SignerRecord> others;  ///< of the same key, not revoked because of it yet
};

Result<Change> plan_change(const Keystore& keystore, const SignerLifeOptions& options,
                           std::int64_t at) {
  Change change;
  SG_TRY(change.before, keystore.find_signer(options.signer));
  const SignerRecord& before = change.before;
  change.none = is_stepped(before, options.state, at, options.reason);
  if (change.none) {
    change.after = before;
    return change;
  }
  SG_TRY(change.after, stepped_signer(before, options.state, at, options.reason, ::time(nullptr)));
  const bool good = before.state != SignerState::revoked || is_soft_reason(before.reason);
  if (options.state == SignerState::revoked && !is_soft_reason(options.reason) && good) {
    SG_TRY(change.others, others_with_its_key(keystore, before));
  }
  return change;
}

/// By which names no signature counts any more, or none that is younger.
LostSigners lost_by(const Change& change) {
  LostSigners lost;
  // What says when it was made may be older; what does not counts on, or counts no more.
  const bool dated = change.after.type() == SignerType::openpgp && change.after.counts(1);
  if (!dated && change.after.counts(0)) return lost;
  lost.names.insert(change.after.names.begin(), change.after.names.end());
  for (const SignerRecord& other : change.others) {
    lost.names.insert(other.names.begin(), other.names.end());
  }
  if (dated) lost.at = change.after.state_at;
  return lost;
}

/// Before anything is done: which bindings, published images and launches it is about.
Status tell_before(const Session& session, const Keystore& keystore,
                   const SignerLifeOptions& options, const Change& change) {
  SG_CHECK(note_bindings(session, keystore, change.after));
  for (const SignerRecord& other : change.others) {
    session.note("revoked, too, since it has the same key: " + other.id);
    SG_CHECK(note_bindings(session, keystore, other));
  }
  if (change.after.state == SignerState::revoked) {
    note_published(session, keystore, [&](const PublishedRecord& copy) {
      return is_one_of(copy.source_signers, change.after);
    });
  }
  if (change.after.state == SignerState::active) return {};
  return tell_launches(session, options.act, keystore, lost_by(change));
}

/// "…: active -> revoked (keyCompromise)", what that means, and whether there is a way back.
void tell(const Session& session, const SignerLifeOptions& options, const Change& change) {
  const SignerRecord& after = change.after;
  session.out(after.id + ": " + std::string(signer_state_name(change.before.state)) + " -> " +
              std::string(signer_state_name(after.state)) +
              (after.reason.empty() ? "" : " (" + after.reason + ")") +
              (options.act.dry_run ? ", not done: --dry-run" : "") + "\n" + consequence(after) +
              "\n" + way_back(after) + "\n");
}

Status say_done_already(const Session& session, const SignerRecord& signer) {
  session.answer("signer", signer_to_json(signer));
  session.unchanged(signer.id + ": " + std::string(signer_state_name(signer.state)) + " already" +
                    (signer.reason.empty() ? "" : " (" + signer.reason + ")"));
  session.out(consequence(signer) + "\n");
  return {};
}

/// Others first: what is interrupted can be repeated.
Status carry_out(Keystore& keystore, const SignerLifeOptions& options, std::int64_t at,
                 Change& change) {
  for (const SignerRecord& other : change.others) {
    SG_CHECK(keystore.set_signer_state(other.id, options.state, at, options.reason));
  }
  SG_TRY(change.after,
         keystore.set_signer_state(change.before.id, options.state, at, options.reason));
  return {};
}

/// Since when the signer is in its new state.
Result<ClosingTime> time_of(const Keystore& keystore, const SignerLifeOptions& options) {
  if (options.at.empty() && options.state != SignerState::active) {
    return options.clock.closing_time(keystore);
  }
  ClosingTime time{::time(nullptr), {}};
  if (!options.at.empty()) {
    SG_TRY(time.at, parse_date(options.at, DayEdge::first_second));
  }
  return time;
}

Status change(const Session& session, const SignerLifeOptions& options) {
  if (options.state == SignerState::revoked) SG_CHECK(check_revocation_reason(options.reason));
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const ClosingTime time, time_of(keystore, options));
  const std::int64_t at = time.at;
  SG_TRY(Change change, plan_change(keystore, options, at));
  if (options.state != SignerState::active) time.tell(session, !change.none);
  if (change.none) return say_done_already(session, change.before);
  SG_CHECK(tell_before(session, keystore, options, change));
  if (options.state == SignerState::revoked) {
    SG_CHECK(ask_before_final(options.act, "Revoking the signer " + change.before.id));
  }
  SG_CHECK(carry_out(keystore, options, at, change));
  session.answer("signer", signer_to_json(change.after));
  tell(session, options, change);
  return {};
}

CLI::App* add_one(CLI::App& group, Session& session, CommandKind kind, const char* name,
                  const char* help, const std::shared_ptr<SignerLifeOptions>& options) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("signer", options->signer, "As `signer list` shows it; fingerprints in full")
      ->required()
      ->type_name("SIGNER");
  options->act.offer(*command, options->state == SignerState::revoked);
  session.on(kind, command, [&session, options] { return change(session, *options); });
  return command;
}

void add_at(CLI::App* command, const std::shared_ptr<SignerLifeOptions>& options) {
  command->add_option("--at", options->at, "Since when; now unless given")->type_name("TIME");
  options->clock.offer(command);
}

}  // namespace

void add_signer_life(CLI::App& group, Session& session) {
  const auto retired = std::make_shared<SignerLifeOptions>();
  auto* retire = add_one(group, session, CommandKind::closes, "retire",
                         "Retire a signer; older signatures still count", retired);
  add_at(retire, retired);
  retire->footer(R"(
Signatures with a later date are not accepted; those without a date (DSSE) are. First it shows the bindings
concerned and, from the audit logs, who may be refused.
  sifctl signer retire 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84
  sifctl signer retire 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 --at 2026-06-30)");
  const auto restored = std::make_shared<SignerLifeOptions>();
  restored->state = SignerState::active;
  add_one(group, session, CommandKind::changes, "restore", "Undo a retirement", restored)
      ->footer("\n  sifctl signer restore 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84");
  const auto revoked = std::make_shared<SignerLifeOptions>();
  revoked->state = SignerState::revoked;
  auto* revoke = add_one(group, session, CommandKind::closes, "revoke",
                         "Revoke a signer permanently: its signatures no longer count", revoked);
  revoke->add_option("--reason", revoked->reason, "Why, in the words of RFC 5280")
      ->required()
      ->type_name("REASON");
  add_at(revoke, revoked);
  revoke->footer(R"(
For affiliationChanged, superseded, cessationOfOperation and privilegeWithdrawn, signatures with a date
before --at are still accepted. For keyCompromise, cACompromise, aACompromise and unspecified none is,
because somebody with the key can write any date; other certificates of the key, and the raw key, are
revoked with it. It takes effect with the next launch, also for cached images. First it shows the bindings
and published images concerned and, from the audit logs, who would be refused. It is final, and asks.
  sifctl signer revoke 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 --reason keyCompromise
  sifctl signer revoke spki:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
         --reason superseded --at 2026-06-30T12:00:00Z)");
}

}  // namespace sifguard
