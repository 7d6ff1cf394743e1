// The last times that a keystore has recorded, from all places where it records times. The rights
// of the admin.
//
// These places are the CA's index, bundle.json, and the audit log of changes (change_log.h). The
// log's records are made with any clock: those of a doubted clock say so and are ignored here, so
// that repeating a command, or revoking something, with a wrong clock does not make the clock
// credible. Only the last records of a long log are read, and more if these give no time, or if the
// last change is more than kLongestPause ago.
#pragma once

#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/x509/clock_doubt.h"

namespace sifguard {

/// What is about to be made; it must be later than the last of its kind.
enum class Dated { certificate_or_list, bundle, other };

/// A place that cannot be read gives no time; the code that needs it reports the error.
[[nodiscard]] std::vector<RecordedTime> recorded_times(const Keystore& keystore, Dated what,
                                                       std::int64_t now);

}  // namespace sifguard
