// What is told where a file cannot be opened: who lacks the right learns whose it is to give. Any
// privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// What to do about `error` (errno) of opening `path`; empty where nothing is known.
[[nodiscard]] std::string open_remedy(const std::string& path, int error);
/// "cannot open PATH: …", with that.
[[nodiscard]] tl::unexpected<Error> fail_open(Code code, const std::string& path, int error);

}  // namespace sifguard
