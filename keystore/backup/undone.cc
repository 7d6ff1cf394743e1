// What a restore would undo in keys and bindings. The owner of the keystore,
// in `sifctl`.
#include "keystore/backup/undone.h"

#include "keystore/backup/find_in.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

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

Undone undone_by_restore(const Keystore* now, const Backup& backup, const BackupContents& contents,
                         const MergeOpenPgp& merge) {
  if (now == nullptr) return {{"the keystore that is replaced cannot be opened"}, {}};
  const auto keys = now->keys();
  Undone undone;
  if (keys) {
    compare_keys(*keys, contents.keys, undone.lines);
  } else {
    undone.lines.emplace_back("the keys of the keystore that is replaced cannot be compared");
  }
  add_undone_signers(undone, *now, backup, contents, merge);
  add_undone_images(undone, *now, backup);
  compare_bindings(*now, contents, undone.lines);
  add_undone_trust(undone, *now, backup);
  return undone;
}

}  // namespace sifguard
