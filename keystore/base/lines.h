// Reads text of any length line by line. Any process, any privilege.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Calls `each` for every line of `fd`, without its end; `whole` is false for a last line without
/// an end. Only one line at a time is in memory, for texts that others can make long. Errors:
/// Code::no_input when it cannot be read, Code::refused for a line of more than `max_line` bytes,
/// and those of `each`, which end the reading.
Status read_lines(int fd, std::size_t max_line, std::string_view what,
                  const std::function<Status(std::string_view line, bool whole)>& each);

}  // namespace sifguard
