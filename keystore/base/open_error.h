// The error for a file that cannot be opened. If the caller lacks the right, it says who can grant
// it. Any privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// What to do about `error` (errno) of opening `path`; empty if that is unknown.
[[nodiscard]] std::string open_remedy(const std::string& path, int error);
/// "cannot open PATH: …", with that remedy.
[[nodiscard]] tl::unexpected<Error> fail_open(Code code, const std::string& path, int error);

}  // namespace sifguard
