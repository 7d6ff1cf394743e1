// What the programs that people run say of words on the command line that mean nothing, or are
// empty. Any privilege; pure. A library of its own, since it is about CLI11.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace sifguard {

/// Code::usage, with the help of the command that was recognized, and the word that was probably
/// meant.
[[nodiscard]] Error usage_error(const CLI::App& app, const CLI::ParseError& error);

/// From now on the options and arguments of `command` (not of those below it) take no empty value,
/// unless their type ends with "|''": in a script that is a variable that was never set, and
/// `--key ""` would mean no key. Those whose type is a text (NAME, PATTERN, REASON, …) take UTF-8
/// alone; a FILE may have any name.
void check_values(CLI::App& command);

/// Words were left over, which the library tells only when it was not asked for help.
[[nodiscard]] bool has_unknown_words(const CLI::App& app);

/// The one of `known` that is nearest to `word`, at most two letters away (added, left out, changed
/// or swapped), and nearer than it is long; empty when there is none.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       const std::vector<std::string>& known);

}  // namespace sifguard
