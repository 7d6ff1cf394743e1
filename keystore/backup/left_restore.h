// What a killed restore has left beside the keystore, and whether it contains anything that exists
// nowhere else. The owner of the keystore, in `sifctl`.
#pragma once

namespace sifguard {

/// Whether everything in the directory `left` is also in the directory `there`. That is so if it is
/// empty; if it has other names (hard links) of the same files; or, if it is still marked, if its
/// private keys are in `there` byte by byte (as far as they were written), because everything else
/// in it exists elsewhere.
[[nodiscard]] bool is_covered(int left, int there) noexcept;

/// Whether every file in the directory `left` has another name (hard link) elsewhere, so that
/// removing it loses nothing.
[[nodiscard]] bool is_named_elsewhere(int left) noexcept;

}  // namespace sifguard
