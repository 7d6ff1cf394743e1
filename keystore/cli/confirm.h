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

/// Whether there is a terminal to ask on. Errors: as confirm() without one.
Status check_terminal(const std::string& remedy = "give --yes");

/// What is typed on the terminal as the answer to `question`; `usual` for an empty line. Not for
/// secrets: it echoes. Errors: as confirm() without a terminal; Code::cancelled for ^D.
[[nodiscard]] Result<std::string> ask_at_terminal(const std::string& question,
                                                  const std::string& usual = {});

}  // namespace sifguard
