// Which kinds of mounted roots this node supports. Root; this tries them in a child with a mount
// namespace of its own and changes nothing.
#pragma once

#include <optional>
#include <string>

#include "keystore/base/child.h"

namespace sifguard {

/// What is needed to try a mount by squashfuse.
struct SquashfuseTrial {
  std::string libexec_dir, squashfuse;
  Identity identity;
};

/// For `sifctl doctor` (keystore/doctor/mounts.cc), one line for each feature: its name (squashfs,
/// owners, fuse, squashfuse), a tab, and "given", or "refused", a tab and the reason. `owners`: a
/// mounted root shows root's files as the user's. With a `trial` only fuse and squashfuse are
/// tried, and squashfuse is given an image to serve.
[[nodiscard]] std::string describe_mounts(const std::optional<SquashfuseTrial>& trial = {});

}  // namespace sifguard
