// What a keystore says of images, as a whole: taken out of one keystore, and put into another in
// one exchange of its directory. Root on nodes; the owner of the keystore in `sifctl`.
//
// To the content belong keys/, image-signers/, trust/, images.yaml and revoked.json. Everything
// else is the keystore's own and stays: its store key and seal, its own keys, its audit log, what
// it remembers of signers that are gone (removed_signers.h).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "keystore/store/key_entry.h"
#include "keystore/store/keystore.h"
#include "keystore/store/trust_store.h"

namespace sifguard {

struct SignerEntry {
  SignerRecord record;
  std::string key;  ///< armored OpenPGP key, or PEM
};

struct StoreContent {
  std::string images;   ///< the text of images.yaml
  std::string revoked;  ///< the text of revoked.json; empty for none
  std::vector<KeyEntry> keys;
  std::vector<SignerEntry> signers;
  std::vector<std::pair<TrustKind, TrustItem>> trust;
};

/// A key with its private half, where it is held and may still decrypt; a record that says it is
/// not held, where it may not. Wants the keystore's lock held.
[[nodiscard]] Result<KeyEntry> take_key(const Keystore& keystore, const std::string& id);

/// Files of the keystore's own, by name and text, that change in the same moment.
using OwnFiles = std::vector<std::pair<std::string, std::string>>;

/// The directory is made anew beside the old one, with hard links to what stays, and the two are
/// exchanged; after a crash at any point the old or the new content is there. Who has the old
/// directory open reads on in it for a few seconds and can tell by Keystore::is_current(). Wants
/// the keystore's lock held. Errors: Code::config when the directory cannot be exchanged (a mount
/// point).
Status replace_content(const Keystore& keystore, const StoreContent& content,
                       const OwnFiles& own_files);

}  // namespace sifguard
