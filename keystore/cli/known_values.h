// Completions for values of sifctl's options and arguments: names in the keystore. Runs with the
// rights of the user who types; if that user may not read the keystore, there are none.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/completion.h"

namespace sifguard {

/// Runs sifctl itself for its lists. The keystore is that of `typed`, the command line so far.
[[nodiscard]] ValuesOf known_values(const std::vector<std::string>& typed);

}  // namespace sifguard
