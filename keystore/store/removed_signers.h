// What is remembered of removed signers, so that removing and adding a signer cannot improve its
// state: a retired one is retired again, and what the owner of an OpenPGP key has revoked stays
// revoked, whichever copy of the key is added. removed/ENTRY is the former image-signers/ENTRY.
// Root on nodes; the owner of the keystore in `sifctl`; writing requires the keystore's lock.
//
// When a signer is added again, its record here is deleted; if a crash leaves both, the signer
// counts as present. Revoked signers cannot be removed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "keystore/store/content.h"

namespace sifguard {

inline constexpr const char* kRemovedSigners = "removed";  ///< made when it is first needed

/// The removed signers that were not added again, sorted by id. Errors: Code::config.
[[nodiscard]] Result<std::vector<SignerRecord>> removed_signers(const Keystore& keystore);
/// One of these; nullopt for a signer that is not remembered, or is present. Errors: Code::config.
[[nodiscard]] Result<std::optional<SignerEntry>> find_removed_signer(const Keystore& keystore,
                                                                     const std::string& id);

/// Call it before the signer is removed, or for a removed signer of another keystore. If nothing
/// about it must be remembered, an existing record is deleted.
Status remember_signer(const Keystore& keystore, const SignerEntry& gone);
/// Call it once the signer was added again.
Status forget_removed_signer(const Keystore& keystore, const std::string& id);

}  // namespace sifguard
