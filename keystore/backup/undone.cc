// What a restore would take back of keys, signers, images and bindings. The owner of the keystore,
// in `sifctl`.
#include "keystore/backup/undone.h"

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/policy/policy.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {
namespace {

template <typename List, typename Same>
auto find_in(const List& list, Same same) {
  const auto at = std::find_if(list.begin(), list.end(), same);
  return at == list.end() ? nullptr : &*at;
}

void compare_key(const KeyRecord& key, const KeyRecord& old, std::vector<std::string>& lines) {
  if (key.state > old.state) {  // in the order of a key's life
    lines.push_back("the key '" + key.name + "', now " + std::string(key_state_name(key.state)) +
                    ", is " + std::string(key_state_name(old.state)) + " in the backup");
  }
  if (!(key.rule == old.rule)) {
    lines.push_back("the key '" + key.name + "' has another rule in the backup");
  }
}

void compare_keys(const std::vector<KeyRecord>& now, const std::vector<KeyRecord>& before,
                  std::vector<std::string>& lines) {
  for (const KeyRecord& key : now) {
    const auto* const old = find_in(before, [&](const KeyRecord& one) { return one.id == key.id; });
    if (old != nullptr) {
      compare_key(key, *old, lines);
    } else {
      lines.push_back("the key '" + key.name + "', made since, is not in the backup");
    }
  }
}

void compare_signers(const std::vector<SignerRecord>& now, const std::vector<SignerRecord>& before,
                     std::vector<std::string>& lines) {
  for (const SignerRecord& signer : now) {
    const auto* const old =
        find_in(before, [&](const SignerRecord& one) { return one.id == signer.id; });
    if (old == nullptr) {
      lines.push_back("the signer " + signer.id + ", added since, is not in the backup");
    } else if (signer.state > old->state) {
      lines.push_back("the signer " + signer.id + ", now " +
                      std::string(signer_state_name(signer.state)) + ", is " +
                      std::string(signer_state_name(old->state)) + " in the backup");
    }
  }
  for (const SignerRecord& old : before) {
    const auto* const signer =
        find_in(now, [&](const SignerRecord& one) { return one.id == old.id; });
    if (signer == nullptr) {
      lines.push_back("the signer " + old.id + ", removed since, is " +
                      std::string(signer_state_name(old.state)) + " in the backup");
    }
  }
}

void compare_digests(const Keystore& now, const Backup& backup, Undone& undone) {
  const ArchiveFile* const file = backup.archive.find(kRevokedDigests);
  const Result<std::vector<RevokedDigest>> before =
      file == nullptr ? std::vector<RevokedDigest>()
                      : parse_revoked(as_text(file->content), kRevokedDigests);
  const auto revoked = revoked_digests(now);
  if (!revoked || !before) {
    undone.lines.emplace_back("the revoked images cannot be read, nor compared");
    return;
  }
  const auto without = [](const std::vector<RevokedDigest>& all, const RevokedDigest& digest) {
    return find_in(all, [&](const auto& one) { return one.digest == digest.digest; }) == nullptr;
  };
  for (const RevokedDigest& one : *revoked) {
    if (!without(*before, one)) continue;
    undone.kept.push_back("the image " + one.digest + ", now revoked, is not in the backup");
  }
  for (const RevokedDigest& one : *before) {
    if (!without(*revoked, one)) continue;
    undone.lines.push_back("the image " + one.digest +
                           ", let run again since, is revoked in the backup");
  }
}

void compare_bindings(const Keystore& now, const BackupContents& contents,
                      std::vector<std::string>& lines) {
  const auto text = now.images_text();
  if (text && *text == contents.images) return;
  const auto current = text ? parse_policy(*text) : Result<Policy>(tl::unexpected(text.error()));
  const auto before = parse_policy(contents.images);
  if (!current || !before) {
    lines.emplace_back("the bindings cannot be read, nor compared");
    return;
  }
  const auto named = [](const std::string& name) {
    return [&name](const Binding& one) { return one.name == name; };
  };
  for (const Binding& one : current->bindings) {
    const auto* const old = find_in(before->bindings, named(one.name));
    if (old != nullptr && *old == one) continue;
    lines.push_back("the binding '" + one.name + "', " +
                    (old == nullptr ? "made since, is not" : "changed since, is another") +
                    " in the backup");
  }
  for (const Binding& one : before->bindings) {
    if (find_in(current->bindings, named(one.name)) != nullptr) continue;
    lines.push_back("the binding '" + one.name + "', removed since, is in the backup");
  }
}

}  // namespace

Undone undone_by_restore(const Keystore* now, const Backup& backup,
                         const BackupContents& contents) {
  if (now == nullptr) return {{"the keystore that is replaced cannot be opened"}, {}};
  const auto keys = now->keys();
  const auto signers = now->signers();
  Undone undone;
  if (keys && signers) {
    compare_keys(*keys, contents.keys, undone.lines);
    compare_signers(*signers, contents.signers, undone.lines);
  } else {
    undone.lines.emplace_back("the keystore that is replaced cannot be read, nor compared");
  }
  compare_digests(*now, backup, undone);
  compare_bindings(*now, contents, undone.lines);
  add_undone_trust(undone, *now, backup);
  return undone;
}

}  // namespace sifguard
