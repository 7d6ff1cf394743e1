// When a CA did something last, by what it has recorded. The owner of the keystore, in `sifctl`.
//
// Under a clock that is years ahead a revocation list would be made that no later one follows, and
// certificates would be taken for ended that are not: x509/clock_doubt.h.
#pragma once

#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/x509/clock_doubt.h"

namespace sifguard {

/// When the root was made, certificates were issued, and lists made. What is made next must be
/// after the lists, and need not be after the others. A revocation is none: what closes does not
/// wait for a clock that is right. Errors: Code::config without a CA.
[[nodiscard]] Result<std::vector<RecordedTime>> ca_times(const Keystore& keystore);

}  // namespace sifguard
