// What `sifctl signer add`, `signer fetch` and `import shipyard` have in common. Runs with the
// rights of the admin.
#pragma once

#include "keystore/cli/session.h"
#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

inline constexpr std::size_t kMaxSignerFile = 1024UL * 1024;

/// What came of a signer that was put into the keystore.
struct PutSigner {
  bool known = false;  ///< it was there before
  Keystore::Added outcome = Keystore::Added::added;
  SignerRecord record = {};  ///< as it is in the keystore then
};
[[nodiscard]] Result<PutSigner> put_signer(Keystore& keystore, const NewSigner& signer);

/// What is remembered of one that was removed before; and of bad news about a stored signer: what
/// it is, which bindings it is about. Sets the status.
Status tell_news(Session& session, const Keystore& keystore, const NewSigner& signer,
                 const PutSigner& put);

/// Stores the signer and says what came of it.
Status store_signer(Session& session, Keystore& keystore, const NewSigner& signer);

}  // namespace sifguard
