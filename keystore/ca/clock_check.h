// Whether this host's clock can be believed, by what the CA has recorded. The owner of the
// keystore, in `sifctl`.
//
// Under a clock that is years ahead a revocation list would be made that no later one follows, and
// certificates would be taken for ended that are not. Nothing here can tell which of two times is
// the wrong one, so that the admin is asked.
#pragma once

#include "keystore/store/keystore.h"
#include "keystore/x509/clock_doubt.h"

namespace sifguard {

/// Errors: Code::temporary when `now` is before the last revocation list was made, or more than
/// kLongestPause after whatever was recorded last; Code::config without a CA.
[[nodiscard]] Status check_ca_clock(const Keystore& keystore, std::int64_t now);

}  // namespace sifguard
