// What a killed restore has left beside the keystore, and whether it contains anything that exists
// nowhere else. The owner of the keystore, in `sifctl`.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Marks a directory that never was the keystore: it only has what is in its backup and what was
/// taken over from the existing keystore. end_unfinished() removes the mark.
Status mark_unfinished(int directory_fd, const std::string& shown);
Status end_unfinished(int directory_fd, const std::string& shown);

/// Whether everything in the directory `left` is also in the directory `there`. That is so if it is
/// empty; if it has other names (hard links) of the same files; or, if it is still marked, if its
/// private keys are in `there` byte by byte (as far as they were written), because everything else
/// in it exists elsewhere.
[[nodiscard]] bool is_covered(int left, int there) noexcept;

}  // namespace sifguard
