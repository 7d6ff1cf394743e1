// Reading an audit log: its files, the rotated ones too, and their lines. Any privilege.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::size_t kMaxLogLine = std::size_t{64} << 20U;

/// Calls `each` for every line without its end; `whole` is false for a last line that has none.
/// Errors: Code::no_input, Code::refused for a line of more than kMaxLogLine bytes, and those of
/// `each`.
Status read_log_lines(const std::string& path,
                      const std::function<Status(std::string_view line, bool whole)>& each);

/// The same for the lines that begin within the last `bytes` bytes. Gives whether that is all of
/// them.
[[nodiscard]] Result<bool> read_last_log_lines(
    const std::string& path, std::size_t bytes,
    const std::function<Status(std::string_view line, bool whole)>& each);

/// The files in the order of their first records; those without any come last.
[[nodiscard]] Result<std::vector<std::string>> in_chain_order(std::vector<std::string> files);

/// The log and its rotated files (`NAME.1`, `NAME-20260131`), in the order of the chain; `skipped`
/// gets the compressed ones.
[[nodiscard]] Result<std::vector<std::string>> log_files(const std::string& path,
                                                         std::vector<std::string>& skipped);

}  // namespace sifguard
