// What this node gives of mounted roots. Root; tried in a child with a mount namespace of its own,
// changes nothing.
#pragma once

#include <string>

namespace sifguard {

/// A line a thing for `sifctl doctor` (keystore/doctor/mounts.cc): its name (squashfs, owners,
/// fuse), a tab, and "given", or "refused", a tab and why. `owners`: a mounted root shows files of
/// root's as the user's.
[[nodiscard]] std::string describe_mounts();

}  // namespace sifguard
