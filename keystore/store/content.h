// All content of a keystore about images: it is read from one keystore, and put into another in one
// exchange of its directory. Root on nodes; the owner of the keystore in `sifctl`.
//
// The content is keys/, image-signers/, trust/, images.yaml and revoked.json. Everything else is
// the keystore's own and stays: its store key and seal, its own keys, its audit log, and the
// records of removed signers (removed_signers.h).
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

/// A key with its private half, if the keystore has it and it may still decrypt; otherwise the
/// record says that there is none. Requires the keystore's lock.
[[nodiscard]] Result<KeyEntry> take_key(const Keystore& keystore, const std::string& id);

/// The keystore's own files, by name and text, that change at the same moment.
using OwnFiles = std::vector<std::pair<std::string, std::string>>;

/// Makes a new directory beside the old one, with hard links to what stays, and exchanges the two;
/// after a crash at any point either the old or the new content is there. A process that has the
/// old directory open can read it for a few more seconds, and Keystore::is_current() tells it.
/// Requires the keystore's lock. Errors: Code::config when the directory cannot be exchanged (a
/// mount point).
Status replace_content(const Keystore& keystore, const StoreContent& content,
                       const OwnFiles& own_files);

}  // namespace sifguard
