// What `sifctl signer add` and `signer fetch` have in common. Runs with the rights of the admin.
#pragma once

#include "keystore/cli/session.h"
#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

inline constexpr std::size_t kMaxSignerFile = 1024UL * 1024;

/// Stores the signer and says what came of it.
Status store_signer(const Session& session, Keystore& keystore, const NewSigner& signer);

}  // namespace sifguard
