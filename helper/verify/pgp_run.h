// Asks `sifguard-pgp`, in its sandbox. Root helper, or a tool with the rights of the user who
// started it.
#pragma once

#include <string>
#include <string_view>

#include "helper/verify/examine.h"

namespace sifguard {

/// Its whole answer to an encoded question, of at most `limit` bytes and not yet parsed. All
/// options but `progress` are used. Errors: those of run_sandboxed(); Code::temporary without
/// memory.
[[nodiscard]] Result<std::string> ask_pgp(std::string_view question, std::size_t limit,
                                          const ExamineOptions& options);

}  // namespace sifguard
