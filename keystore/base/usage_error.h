// Errors of the programs that people run about unknown or empty words on the command line. Any
// privilege; pure. It is a library of its own because it uses CLI11.
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

/// From now on the options and arguments of `command` (but not of its subcommands) accept no empty
/// value, unless their type ends with "|''": in a script an empty value is usually a variable that
/// was never set, and `--key ""` would mean no key. Those whose type is a text (NAME, PATTERN,
/// REASON, …) accept only UTF-8; a FILE may have any name.
void check_values(CLI::App& command);

/// Whether there were unknown words, which CLI11 does not report when help was asked for.
[[nodiscard]] bool has_unknown_words(const CLI::App& app);

/// The one of `known` that is most similar to `word`: at most two letters are added, missing,
/// changed or swapped, and fewer than the word has. Empty when there is none.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       const std::vector<std::string>& known);

}  // namespace sifguard
