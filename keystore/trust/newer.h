// Revocation lists and OCSP responses of a keystore whose content another takes the place of, as a
// bundle does: what was known of revocations stays known. The owner of the keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/content.h"

namespace sifguard {

/// Drops from `incoming` what no launch would take, and puts what the keystore has, of the CAs that
/// `incoming` trusts, where that is newer or knows of a revocation, or where `incoming` has none.
/// Gives what was dropped or kept, a sentence each. Errors: Code::refused for trust that cannot be
/// used.
[[nodiscard]] Result<std::vector<std::string>> keep_newer_proofs(const Keystore& keystore,
                                                                 StoreContent& incoming,
                                                                 std::int64_t now);

}  // namespace sifguard
