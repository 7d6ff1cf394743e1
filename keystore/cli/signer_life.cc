// sifctl signer retire|restore|revoke: until when the signatures of a signer count, see
// keystore/store/signer_state.h. Runs with the rights of the admin.
#include "keystore/cli/signer_life.h"

#include <time.h>

#include <algorithm>
#include <memory>

#include "keystore/base/text.h"
#include "keystore/cli/note_published.h"
#include "keystore/policy/date.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

struct Wish {
  SignerState state = SignerState::retired;
  std::string signer, at, reason;
};

bool names(const std::vector<std::string>& signers, const SignerRecord& record) {
  return std::any_of(signers.begin(), signers.end(),
                     [&](const std::string& signer) { return record.is_named(signer); });
}

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

void warn_of_uses(const Session& session, const Policy& policy, const SignerRecord& signer) {
  for (const Binding& binding : policy.bindings) {
    if (names(binding.signers.any_of, signer) || names(binding.signers.all_of, signer)) {
      session.note("the binding '" + binding.name + "' names this signer");
    }
  }
}

Status change(const Session& session, const Wish& wish) {
  if (wish.state == SignerState::revoked) SG_CHECK(check_revocation_reason(wish.reason));
  std::int64_t at = ::time(nullptr);
  if (!wish.at.empty()) {
    SG_TRY(at, parse_date(wish.at, DayEdge::first_second));
  }
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const SignerRecord before, keystore.find_signer(wish.signer));
  SG_TRY(const SignerRecord after,
         keystore.set_signer_state(before.id, wish.state, at, wish.reason));
  session.out(after.id + ": " + std::string(signer_state_name(before.state)) + " -> " +
              std::string(signer_state_name(after.state)) +
              (after.reason.empty() ? "" : " (" + after.reason + ")") + "\n" + consequence(after) +
              "\n" + way_back(after) + "\n");
  SG_TRY(const std::string text, keystore.images_text());
  if (const auto policy = parse_policy(text)) warn_of_uses(session, *policy, after);
  if (after.state == SignerState::revoked) {
    note_published(session, keystore,
                   [&](const PublishedRecord& copy) { return names(copy.source_signers, after); });
  }
  return {};
}

CLI::App* add_one(CLI::App& group, Session& session, const char* name, const char* help,
                  const std::shared_ptr<Wish>& wish) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("signer", wish->signer, "As `signer list` shows it; fingerprints in full")
      ->required()
      ->type_name("SIGNER");
  session.on(command, [&session, wish] { return change(session, *wish); });
  return command;
}

void add_at(CLI::App* command, const std::shared_ptr<Wish>& wish) {
  command->add_option("--at", wish->at, "Since when; now unless given")->type_name("TIME");
}

}  // namespace

void add_signer_life(CLI::App& group, Session& session) {
  const auto retired = std::make_shared<Wish>();
  auto* retire =
      add_one(group, session, "retire", "Who signs no more; older signatures count", retired);
  add_at(retire, retired);
  retire->footer(R"(
Signatures that say that they were made later do not count; those that do not say when (DSSE) do.
  sifctl signer retire 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84
  sifctl signer retire 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 --at 2026-06-30)");
  const auto restored = std::make_shared<Wish>();
  restored->state = SignerState::active;
  add_one(group, session, "restore", "Take a retirement back", restored)
      ->footer("\n  sifctl signer restore 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84");
  const auto revoked = std::make_shared<Wish>();
  revoked->state = SignerState::revoked;
  auto* revoke =
      add_one(group, session, "revoke", "Whose signatures count no more, for good", revoked);
  revoke->add_option("--reason", revoked->reason, "Why, in the words of RFC 5280")
      ->required()
      ->type_name("REASON");
  add_at(revoke, revoked);
  revoke->footer(R"(
For affiliationChanged, superseded, cessationOfOperation and privilegeWithdrawn, signatures that say
that they were made before --at still count. For keyCompromise, cACompromise, aACompromise and
unspecified none does: who has the key writes any date. The next launch sees it, cached images too.
  sifctl signer revoke 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 --reason keyCompromise
  sifctl signer revoke spki:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
         --reason superseded --at 2026-06-30T12:00:00Z)");
}

}  // namespace sifguard
