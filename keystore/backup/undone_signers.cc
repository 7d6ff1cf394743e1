// What a restore would undo about signers: who may sign, and until when. The owner of the
// keystore, in `sifctl`; OpenPGP keys are merged in a sandbox.
#include "keystore/backup/find_in.h"
#include "keystore/backup/undone.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/bundle/keep_signer.h"
#include "keystore/store/removed_signers.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

std::string shown_state(const SignerRecord& signer) {
  return std::string(signer_state_name(signer.state)) +
         (signer.reason.empty() ? "" : " (" + signer.reason + ")");
}

/// "now revoked, is active": with since when and why, where the state alone does not tell them
/// apart.
std::string difference(const SignerRecord& now, const SignerRecord& old) {
  const bool same = now.state == old.state;
  const auto shown = [&](const SignerRecord& one) {
    return same ? shown_state(one) + " since " + format_utc(one.state_at)
                : std::string(signer_state_name(one.state));
  };
  return "the signer " + now.id + ", now " + shown(now) + ", is " + shown(old) + " in the backup";
}

bool is_same_state(const SignerRecord& one, const SignerRecord& other) {
  return one.state == other.state && one.state_at == other.state_at && one.reason == other.reason;
}

/// Of an OpenPGP key alone the text matters: of others it is in the id.
std::string key_in(const Backup& backup, const SignerRecord& signer) {
  const ArchiveFile* const file =
      signer.type() == SignerType::openpgp
          ? backup.archive.find(std::string(kSigners) + "/" + signer.id + "/" + kSignerKey)
          : nullptr;
  return file == nullptr ? std::string() : std::string(as_text(file->content));
}

/// In both.
void compare_signer(const SignerEntry& own, const SignerRecord& old, const Backup& backup,
                    const MergeOpenPgp& merge, Undone& undone) {
  SignerEntry coming{old, key_in(backup, old)};
  const auto kept = keep_of_signer(own, coming, merge);
  if (!kept) {
    undone.lines.push_back("it cannot be said what is undone of " + kept.error().what());
    return;
  }
  if (!is_same_state(own.record, old)) {
    (kept->revocation ? undone.kept : undone.lines).push_back(difference(own.record, old));
  }
  for (const std::string& clause : kept->of_key) {
    undone.kept.push_back("the backup does not know of the key " + own.record.id + ": " + clause);
  }
  if (kept->incomparable.empty()) return;
  undone.lines.push_back("the key " + own.record.id +
                         " is replaced by that of the backup; the two "
                         "cannot be compared: " +
                         kept->incomparable);
}

}  // namespace

void add_undone_signers(Undone& undone, const Keystore& now, const Backup& backup,
                        const BackupContents& contents, const MergeOpenPgp& merge) {
  const auto signers = now.signers();
  if (!signers) {
    undone.lines.emplace_back("the signers of the keystore that is replaced cannot be compared");
    return;
  }
  const auto with_id = [](const std::string& id) {
    return [&id](const SignerRecord& one) { return one.id == id; };
  };
  for (const SignerRecord& signer : *signers) {
    const auto* const old = find_in(contents.signers, with_id(signer.id));
    if (old == nullptr) {
      const bool stays = signer.state == SignerState::revoked;
      (stays ? undone.kept : undone.lines)
          .push_back("the signer " + signer.id + (stays ? ", now revoked," : ", added since,") +
                     " is not in the backup");
      continue;
    }
    const std::string key = now.signer_key(signer.id).value_or("");
    compare_signer({signer, key}, *old, backup, merge, undone);
  }
  for (const SignerRecord& old : contents.signers) {
    if (find_in(*signers, with_id(old.id)) != nullptr) continue;
    const auto remembered = find_removed_signer(now, old.id);
    const bool retired =
        remembered && *remembered && (*remembered)->record.state == SignerState::retired;
    undone.lines.push_back("the signer " + old.id + (retired ? ", retired and" : ",") +
                           " removed since, is " + std::string(signer_state_name(old.state)) +
                           " in the backup");
  }
}

}  // namespace sifguard
