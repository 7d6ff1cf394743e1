// Follows an audit log as it grows. Runs with the rights of the admin.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Calls `each` for every line that is added to the log from `offset` on, also when the log is
/// rotated or emptied meanwhile. Returns when `each` returns false, or with an error.
Status follow_log(const std::string& path, std::uint64_t offset,
                  const std::function<bool(std::string_view line)>& each);

}  // namespace sifguard
