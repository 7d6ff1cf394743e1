// Checks raw signatures with exactly the given keys. Runs in `sifguard-pki`.
#pragma once

#include <span>
#include <vector>

#include "helper/verify/wire/pki_wire.h"
#include "keystore/crypto/signer_key.h"

namespace sifguard {

/// One verdict for each pair, in order. Every key is tried: the hint only chooses the first, and
/// distinguishes a forged signature of a given key from a signature of an unknown key. Errors:
/// Code::internal.
[[nodiscard]] Result<std::vector<PairVerdict>> check_pairs(std::span<const PkiPair> pairs,
                                                           std::span<const SignerKey> keys);

}  // namespace sifguard
