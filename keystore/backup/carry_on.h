// What a restored keystore takes over from the one that it replaces, because this may only move
// forward: revoked images and signers, the records of removed signers, final statements of OpenPGP
// keys (such as revocations), revocation lists and OCSP responses, what the same CA issued and
// revoked, and the last bundle that was applied. The owner of the keystore, in `sifctl`; requires
// the old keystore's locks.
#pragma once

#include "keystore/crypto/openpgp_merge.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What is damaged in `before` stays as it is in `made`; undone.h reports it. Errors: those of
/// writing; Code::temporary from `merge`, which is for OpenPGP keys (bundle/keep_signer.h).
Status carry_on(const Keystore& before, const Keystore& made, const MergeOpenPgp& merge);

}  // namespace sifguard
