// Which walls of the sandboxes this node gives. Root; tried in children, changes nothing.
#pragma once

#include <string>

namespace sifguard {

/// A line a wall for `sifctl doctor` (keystore/doctor/sandbox.cc): its name (network, processes,
/// ipc, mounts, filter, landlock), a tab, and "given", or "refused", a tab and why.
[[nodiscard]] std::string describe_walls();

}  // namespace sifguard
