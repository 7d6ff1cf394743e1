// Running one of the sandboxed programs to its end. Root helper, or the user's own tool.
// Internal to helper/verify.
#pragma once

#include <string>
#include <string_view>

#include "helper/verify/examine.h"

namespace sifguard {

/// What every such program loses, its image or request on descriptor 3 and its answer on 4.
/// Namespaces need root; without it (the user's own tools) the identity, the limits and the
/// programs' own seccomp filters still hold.
[[nodiscard]] ChildSpec confined(const ExamineOptions& options, const std::string& program,
                                 int input);

/// Runs one program to its end and gives its whole answer. Errors: Code::refused when it crashed or
/// said more than `limit` bytes; Code::temporary past the deadline.
[[nodiscard]] Result<std::string> run_sandboxed(ChildSpec& spec, std::size_t limit,
                                                std::int64_t deadline_ms);

/// A sealed file in memory: unlike a pipe it cannot fill up, nor raise SIGPIPE here when the check
/// ends early.
[[nodiscard]] Result<UniqueFd> request_in_memory(std::string_view text);

}  // namespace sifguard
