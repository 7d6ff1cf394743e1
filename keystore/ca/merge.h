// Two states of the same CA made one: nothing that either knows is forgotten, nothing that either
// revoked becomes good. The owner of the keystore, on the CA's host.
#pragma once

#include <string>

#include "keystore/ca/authority.h"

namespace sifguard {

/// Whether the certificate `theirs` should be in charge instead of `own`, of one authority: another
/// of the same key, made when the older was renewed. The one that is not revoked and ends last is.
[[nodiscard]] Result<bool> is_better_certificate(const std::string& theirs, const std::string& own,
                                                 const CaIndex& index);

/// Takes over into `to` what its own CA in another keystore knows more: for a restore, from the one
/// that is replaced. Nothing where one of them has no CA, or the two have different roots; nothing
/// of what is damaged in `from`. Wants both locks. Errors: Code::config when an index or the root
/// cannot be read.
Status carry_ca_over(const Keystore& from, const Keystore& to);

}  // namespace sifguard
