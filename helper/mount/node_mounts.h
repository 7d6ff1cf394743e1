// What this node gives of mounted roots. Root; tried in a child with a mount namespace of its own,
// changes nothing.
#pragma once

#include <optional>
#include <string>

#include "keystore/base/child.h"

namespace sifguard {

/// How roots would be mounted by squashfuse.
struct SquashfuseTrial {
  std::string libexec_dir, squashfuse;
  Identity identity;
};

/// A line a thing for `sifctl doctor` (keystore/doctor/mounts.cc): its name (squashfs, owners,
/// fuse, squashfuse), a tab, and "given", or "refused", a tab and why. `owners`: a mounted root
/// shows files of root's as the user's. With a trial fuse and squashfuse alone, which is served an
/// image.
[[nodiscard]] std::string describe_mounts(const std::optional<SquashfuseTrial>& trial = {});

}  // namespace sifguard
