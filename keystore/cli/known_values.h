// What a shell may offer for values of sifctl's options and arguments: names of what the keystore
// has. Runs with the rights of whoever types; who may not read the keystore is offered nothing.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/completion.h"

namespace sifguard {

/// Asks sifctl itself for its lists; the keystore is that of the command line typed so far, which
/// `typed` holds.
[[nodiscard]] ValuesOf known_values(const std::vector<std::string>& typed);

}  // namespace sifguard
