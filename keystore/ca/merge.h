// Merges two states of the same CA: nothing that either has is lost, and nothing that either
// revoked becomes valid. The owner of the keystore, on the CA's host.
#pragma once

#include <string>

#include "keystore/ca/authority.h"

namespace sifguard {

/// Whether the certificate `theirs` should be used instead of `own` of the same authority. Both are
/// of the same key, because one was made when the other was renewed. The one that is not revoked
/// and expires last should be used.
[[nodiscard]] Result<bool> is_better_certificate(const std::string& theirs, const std::string& own,
                                                 const CaIndex& index);

/// Adds to the CA in `to` what only the same CA in `from` has: for a restore, from the keystore
/// that is replaced. Does nothing if one of them has no CA, or the two have different roots, and
/// ignores what is damaged in `from`. Requires both locks. Errors: Code::config when an index or
/// the root cannot be read.
Status carry_ca_over(const Keystore& from, const Keystore& to);

}  // namespace sifguard
