// The common part of `sifctl signer add`, `signer fetch` and `import shipyard`. Runs with the
// rights of the admin.
#pragma once

#include "keystore/cli/session.h"
#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

inline constexpr std::size_t kMaxSignerFile = 1024UL * 1024;

/// The result of putting a signer into the keystore.
struct PutSigner {
  bool known = false;  ///< it was there before
  Keystore::Added outcome = Keystore::Added::added;
  SignerRecord record = {};  ///< as it is in the keystore afterwards
};
[[nodiscard]] Result<PutSigner> put_signer(Keystore& keystore, const NewSigner& signer);

/// Reports what is remembered of a signer that was removed before, and bad news about a stored
/// signer with the bindings that it concerns. Sets the status.
Status tell_news(Session& session, const Keystore& keystore, const NewSigner& signer,
                 const PutSigner& put);

/// Stores the signer and reports the result.
Status store_signer(Session& session, Keystore& keystore, const NewSigner& signer);

}  // namespace sifguard
