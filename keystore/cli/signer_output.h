// What `sifctl signer add`, `signer fetch` and `import shipyard` have in common. Runs with the
// rights of the admin.
#pragma once

#include "keystore/cli/session.h"
#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

inline constexpr std::size_t kMaxSignerFile = 1024UL * 1024;

/// Exit status when all was done and it is bad news: the owner of a stored OpenPGP key has revoked
/// it, or let it expire, and nothing that it signed counts any more.
inline constexpr int kSignerEndedStatus = 76;

/// Of bad news about a stored signer: what it is, which bindings it is about; sets the status.
Status tell_news(Session& session, const Keystore& keystore, const NewSigner& signer);

/// Stores the signer and says what came of it.
Status store_signer(Session& session, Keystore& keystore, const NewSigner& signer);

}  // namespace sifguard
