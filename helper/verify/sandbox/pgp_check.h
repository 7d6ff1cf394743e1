// Checks detached OpenPGP signatures with exactly the given keys. Runs in `sifguard-pgp`.
#pragma once

#include <string>
#include <vector>

#include "helper/verify/wire/pgp_wire.h"

namespace sifguard {

/// One verdict for each pair, in order. `home` is empty, private and writable.
/// Errors: those of OpenPgpSession; a bad signature is a verdict, not an error.
[[nodiscard]] Result<std::vector<PgpVerdict>> check_pgp_pairs(const PgpRequest& request,
                                                              const std::string& home,
                                                              const std::string& gpg);

}  // namespace sifguard
