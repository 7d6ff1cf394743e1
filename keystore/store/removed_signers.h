// What is remembered of signers that are gone, so that none comes back better than it went: one
// that had retired comes back retired, and what the owner of an OpenPGP key took back stays taken
// back, whichever copy of it is added. removed/ENTRY is what image-signers/ENTRY was. Root on
// nodes; the owner of the keystore in `sifctl`; writing wants the keystore's lock held.
//
// A signer that is there again is forgotten here; what a crash leaves of both counts as the one
// that is there. Revoked signers are not removed at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "keystore/store/content.h"

namespace sifguard {

inline constexpr const char* kRemovedSigners = "removed";  ///< made when it is first needed

/// Those that are not there again, sorted by id. Errors: Code::config.
[[nodiscard]] Result<std::vector<SignerRecord>> removed_signers(const Keystore& keystore);
/// One of these; nullopt for who is not remembered, or is there. Errors: Code::config.
[[nodiscard]] Result<std::optional<SignerEntry>> find_removed_signer(const Keystore& keystore,
                                                                     const std::string& id);

/// Before it goes, or as another keystore had it: of who has nothing to be remembered for, what was
/// remembered is forgotten.
Status remember_signer(const Keystore& keystore, const SignerEntry& gone);
/// Once it is there again.
Status forget_removed_signer(const Keystore& keystore, const std::string& id);

}  // namespace sifguard
