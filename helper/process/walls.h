// Which mechanisms of the sandboxes this node supports. Root; this tries them in children and
// changes nothing.
#pragma once

#include <string>

namespace sifguard {

/// For `sifctl doctor` (keystore/doctor/sandbox.cc), one line for each mechanism: its name
/// (network, processes, ipc, mounts, filter, landlock), a tab, and "given", or "refused", a tab and
/// the reason.
[[nodiscard]] std::string describe_walls();

}  // namespace sifguard
