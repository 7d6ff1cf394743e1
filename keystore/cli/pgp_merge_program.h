// Starting sifguard-pgp-merge, which has an OpenPGP key read in the sandbox. Runs with the rights
// of the admin.
#pragma once

#include "keystore/crypto/openpgp_merge.h"

namespace sifguard {

/// Errors: as merge_openpgp_key(); Code::unavailable when the program is missing or fails;
/// Code::temporary when there is no time or memory.
[[nodiscard]] Result<PgpMerged> merge_in_sandbox(const PgpMergeRequest& request);

}  // namespace sifguard
