// Strings in the form that execve(2) and posix_spawn(3) take. Any privilege.
#pragma once

#include <string>
#include <vector>

namespace sifguard {

/// Pointers to `strings`, which must outlive them, and a terminating null. The calls take char* for
/// historical reasons and do not write through it.
[[nodiscard]] inline std::vector<char*> argv_of(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  list.reserve(strings.size() + 1);
  for (const std::string& text : strings) {
    list.push_back(const_cast<char*>(text.c_str()));  // NOLINT(*-const-cast)
  }
  list.push_back(nullptr);
  return list;
}

}  // namespace sifguard
