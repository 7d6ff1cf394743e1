// Signers that share one key: certificates of the key, or the raw key. Reads the keystore.
//
// A key that was lost is lost under every name: a revocation for such a reason concerns the key,
// and no other certificate of it makes it valid again.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

/// Errors: Code::denied for a signer that shares its key with a signer that was revoked because of
/// the key (signer_state.h); Code::config.
Status check_key_is_good(const Keystore& keystore, const NewSigner& signer);

/// Other signers with the key of `signer` that are not yet revoked because of the key. Errors:
/// Code::config.
[[nodiscard]] Result<std::vector<SignerRecord>> others_with_its_key(const Keystore& keystore,
                                                                    const SignerRecord& signer);

}  // namespace sifguard
