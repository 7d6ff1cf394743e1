// Asking the admin before a step that is final or far-reaching. Runs with the rights of the admin.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Shows `warning` on the terminal and waits for `word` to be typed. Errors: Code::usage when
/// something else is, or when there is no terminal, with `remedy`.
Status confirm(const std::string& warning, const std::string& word,
               const std::string& remedy = "give --yes");

}  // namespace sifguard
