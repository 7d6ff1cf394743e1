// What is for good in a keystore and stays so, whatever a bundle brings. The owner of the keystore,
// in `sifctl`.
//
// A bundle takes the place of a node's content. It may come from a store that does not know what
// was revoked or destroyed on the node, or not any more (restored from a backup). States that can
// be taken back (retired, suspended) follow the bundle, and that is told. So do images that a
// bundle revoked before; those that were revoked on the node stay revoked.
#pragma once

#include <string>
#include <vector>

#include "keystore/bundle/keep_signer.h"
#include "keystore/bundle/serial.h"

namespace sifguard {

/// Sentences.
struct KeptFinal {
  std::vector<std::string> kept;    ///< what would have been undone, and stays
  std::vector<std::string> undone;  ///< what does not, since it can be taken back
};

/// Puts into `content` which signers and keys of the keystore are revoked or destroyed, also those
/// that it does not have: a later bundle may; what OpenPGP keys say for good, those too of signers
/// that were removed; and which images were revoked here. `state` learns which ones the bundle
/// itself revokes. Wants the keystore's lock held. Errors: Code::config; those of `merge` that pass
/// (keep_signer.h).
[[nodiscard]] Result<KeptFinal> keep_final(const Keystore& keystore, StoreContent& content,
                                           BundleState& state, const MergeOpenPgp& merge);

/// Remembers the signers that `content`, which takes the place of the keystore's, has no more
/// (store/removed_signers.h): who adds one on the node by himself finds it as it was. Wants the
/// keystore's lock held.
Status remember_dropped(const Keystore& keystore, const StoreContent& content);

}  // namespace sifguard
