// Signers that share one key: certificates of it, or the raw key. Reads the keystore.
//
// Who has lost his key has lost it under every name: a revocation for such a reason is one of the
// key, and no other certificate of it makes it good again.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

/// Errors: Code::denied for a signer whose key is that of another that is revoked because of its
/// key (signer_state.h); Code::config.
Status check_key_is_good(const Keystore& keystore, const NewSigner& signer);

/// The others with the key of `signer` that are not revoked because of it yet. Errors:
/// Code::config.
[[nodiscard]] Result<std::vector<SignerRecord>> others_with_its_key(const Keystore& keystore,
                                                                    const SignerRecord& signer);

}  // namespace sifguard
