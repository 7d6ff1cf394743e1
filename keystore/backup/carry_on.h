// What a restored keystore takes over from the one that it replaces, because it may only move
// forward: revoked images and signers, what is remembered of signers that are gone, what OpenPGP
// keys say for good, revocation lists and answers, what the same CA issued and revoked, and how far
// bundles have come. The owner of the keystore, in `sifctl`; wants the old one's locks.
#pragma once

#include "keystore/crypto/openpgp_merge.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What `before` cannot say, being damaged, is left as it is in `made`: undone.h tells. Errors: of
/// writing; Code::temporary of `merge`, which is for OpenPGP keys (bundle/keep_signer.h).
Status carry_on(const Keystore& before, const Keystore& made, const MergeOpenPgp& merge);

}  // namespace sifguard
