// Final states in a keystore, which stay whatever a bundle contains. The owner of the keystore, in
// `sifctl`.
//
// A bundle replaces a node's content. It may come from a store that does not know, or no longer
// knows (it was restored from a backup), what was revoked or destroyed on the node. States that can
// be reversed (retired, suspended) follow the bundle, and this is reported. So do images that an
// earlier bundle revoked; images that were revoked on the node stay revoked.
#pragma once

#include <string>
#include <vector>

#include "keystore/bundle/keep_signer.h"
#include "keystore/bundle/serial.h"

namespace sifguard {

/// Both are lists of sentences.
struct KeptFinal {
  std::vector<std::string> kept;    ///< what the bundle would have undone, and stays
  std::vector<std::string> undone;  ///< what the bundle undoes, because it can be reversed
};

/// Adds to `content` which signers and keys of the keystore are revoked or destroyed (also those
/// that the bundle lacks, because a later bundle may have them), the final statements of OpenPGP
/// keys (also of removed signers), and which images were revoked here. Records in `state` which
/// images the bundle itself revokes. Requires the keystore's lock. Errors: Code::config; temporary
/// ones of `merge` (keep_signer.h).
[[nodiscard]] Result<KeptFinal> keep_final(const Keystore& keystore, StoreContent& content,
                                           BundleState& state, const MergeOpenPgp& merge);

/// Remembers the signers that are missing in `content`, which replaces the keystore's
/// (store/removed_signers.h), so that a signer that is added again on the node has its old state.
/// Requires the keystore's lock.
Status remember_dropped(const Keystore& keystore, const StoreContent& content);

}  // namespace sifguard
