// Asks the admin before an operation that is final or has large effects. Runs with the rights of
// the admin.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Shows `warning` on the terminal and waits for `word` to be typed. Errors: Code::usage when
/// another word is typed, or when there is no terminal, with `remedy`.
Status confirm(const std::string& warning, const std::string& word,
               const std::string& remedy = "give --yes");

}  // namespace sifguard
