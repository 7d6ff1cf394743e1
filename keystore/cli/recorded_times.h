// When something was recorded in a keystore last: the one place that knows where to look. The
// rights of the admin.
//
// The CA's index, bundle.json, and the audit log of changes (change_log.h). The log's records are
// made under every clock: those of a clock that was doubted say so, and count for nothing here, so
// that to try again, or to revoke something, under a wrong clock makes it no better.
#pragma once

#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/x509/clock_doubt.h"

namespace sifguard {

/// What is about to be made: it must be after the last of its kind.
enum class Dated { certificate_or_list, bundle, other };

/// What cannot be read tells no time: who needs it will say so.
[[nodiscard]] std::vector<RecordedTime> recorded_times(const Keystore& keystore, Dated what,
                                                       std::int64_t now);

}  // namespace sifguard
