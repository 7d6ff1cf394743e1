// Which descriptors of slurmstepd reach the runtime. The launcher, as the user.
#pragma once

#include <optional>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// The descriptor that PMI_FD's value names (PMI1 and PMI2 talk to slurmstepd through it), if it is
/// a plain number above 2.
[[nodiscard]] std::optional<int> parse_pmi_fd(std::string_view value) noexcept;

/// Marks every descriptor above 2 close-on-exec except `keep`. Errors: Code::internal.
Status close_on_exec_except(std::optional<int> keep);

/// Closes every descriptor from `first` on; false where they cannot be listed.
[[nodiscard]] bool close_all_from(int first);

}  // namespace sifguard
