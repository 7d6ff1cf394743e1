// Whether there is nothing at a path. The caller's privilege.
#pragma once

#include <string>

namespace sifguard {

/// Whether certainly nothing is there, not even a symbolic link that leads nowhere; false if that
/// cannot be determined.
[[nodiscard]] bool is_absent(const std::string& path) noexcept;

}  // namespace sifguard
