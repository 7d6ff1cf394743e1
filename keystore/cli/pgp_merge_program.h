// Starts sifguard-pgp-merge, which reads an OpenPGP key in a sandbox. Runs with the rights of the
// admin.
#pragma once

#include "keystore/crypto/openpgp_merge.h"

namespace sifguard {

/// Errors: those of merge_openpgp_key(); Code::unavailable when the program is missing or fails;
/// Code::temporary when it lacks time or memory.
[[nodiscard]] Result<PgpMerged> merge_in_sandbox(const PgpMergeRequest& request);

}  // namespace sifguard
