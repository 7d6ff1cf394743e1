// A size for people. Any process, any privilege.
#pragma once

#include <cstdint>
#include <string>

namespace sifguard {

/// "1.4 GiB": at most four characters of number, and the unit.
[[nodiscard]] std::string human_size(std::uint64_t bytes);

}  // namespace sifguard
