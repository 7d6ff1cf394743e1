// sifctl signer retire|restore|revoke: until when the signatures of a signer count, see
// keystore/store/signer_state.h. Runs with the rights of the admin.
#include "keystore/cli/signer_life.h"

#include <time.h>

#include <memory>

#include "keystore/base/text.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/signer_same_key.h"
#include "keystore/cli/signer_uses.h"
#include "keystore/policy/date.h"

namespace sifguard {
namespace {

struct Wish {
  SignerState state = SignerState::retired;
  std::string signer, at, reason;
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

/// Before the signer itself: what is interrupted can be repeated.
Status revoke_others(const Session& session, Keystore& keystore, const SignerRecord& signer,
                     const Wish& wish, std::int64_t at) {
  SG_TRY(const auto others, others_with_its_key(keystore, signer));
  for (const SignerRecord& other : others) {
    SG_CHECK(keystore.set_signer_state(other.id, wish.state, at, wish.reason));
    session.note("revoked, too, since it has the same key: " + other.id);
    SG_CHECK(note_bindings(session, keystore, other));
  }
  return {};
}

Status change(const Session& session, const Wish& wish) {
  if (wish.state == SignerState::revoked) SG_CHECK(check_revocation_reason(wish.reason));
  std::int64_t at = ::time(nullptr);
  if (!wish.at.empty()) {
    SG_TRY(at, parse_date(wish.at, DayEdge::first_second));
  }
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const SignerRecord before, keystore.find_signer(wish.signer));
  const bool good = before.state != SignerState::revoked || is_soft_reason(before.reason);
  if (wish.state == SignerState::revoked && !is_soft_reason(wish.reason) && good) {
    SG_CHECK(revoke_others(session, keystore, before, wish, at));
  }
  SG_TRY(const SignerRecord after,
         keystore.set_signer_state(before.id, wish.state, at, wish.reason));
  session.out(after.id + ": " + std::string(signer_state_name(before.state)) + " -> " +
              std::string(signer_state_name(after.state)) +
              (after.reason.empty() ? "" : " (" + after.reason + ")") + "\n" + consequence(after) +
              "\n" + way_back(after) + "\n");
  SG_CHECK(note_bindings(session, keystore, after));
  if (after.state == SignerState::revoked) {
    note_published(session, keystore, [&](const PublishedRecord& copy) {
      return is_one_of(copy.source_signers, after);
    });
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
unspecified none does: who has the key writes any date; other certificates of the key, and the raw
key, are revoked with it. The next launch sees it, cached images too.
  sifctl signer revoke 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 --reason keyCompromise
  sifctl signer revoke spki:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
         --reason superseded --at 2026-06-30T12:00:00Z)");
}

}  // namespace sifguard
