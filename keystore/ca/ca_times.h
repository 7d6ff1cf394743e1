// The times of a CA's last actions, from its records. The owner of the keystore, in `sifctl`.
//
// Under a clock that is years ahead, a revocation list would be newer than all later ones, and
// valid certificates would be treated as expired: see x509/clock_doubt.h.
#pragma once

#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/x509/clock_doubt.h"

namespace sifguard {

/// When the root was made, certificates were issued, and lists were made. The next list must be
/// later than the lists, but need not be later than the others. Revocations are not among these
/// times, because they do not wait for a correct clock. Errors: Code::config without a CA.
[[nodiscard]] Result<std::vector<RecordedTime>> ca_times(const Keystore& keystore);

}  // namespace sifguard
