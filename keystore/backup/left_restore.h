// What a restore that was killed has left beside the keystore, and whether anything is lost with
// it. The owner of the keystore, in `sifctl`.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Marks a directory as one that never was the keystore: it has what its backup has, and what goes
/// on from the keystore that is there.
Status mark_unfinished(int directory_fd, const std::string& shown);
Status end_unfinished(int directory_fd, const std::string& shown);

/// Whether all that is in `left` is in the directory `there`, too: nothing at all; second names of
/// the same files; or, of what is still marked so, private keys that are there byte for byte (as
/// far as they were written): all else of it is elsewhere.
[[nodiscard]] bool is_covered(int left, int there) noexcept;

}  // namespace sifguard
