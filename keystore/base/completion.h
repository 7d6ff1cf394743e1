// Completions for a command line in a shell, from the program's own tree of commands, so that no
// other list of them is needed. Any privilege; pure except print_completion().
//
// The shells' files (packaging/completions) work in the same way for all programs: they run
// `PROGRAM --complete WORD…` with the words typed so far, of which the last is unfinished and may
// be empty. Each line of the answer is a word, a tab and its meaning. A line ":files",
// ":directories", ":users" or ":groups" asks the shell for its own completion.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace sifguard {

/// An option or argument whose value can be completed.
struct CompletedValue {
  std::string command;  ///< the words of the command, "key rule set"; empty at the root
  std::string name;     ///< "--key"; for an argument its name in the help
  std::string type;     ///< "KEY"
};

/// Values that only the program knows, such as names of keys. It may be slow; after a failure it
/// returns none.
using ValuesOf = std::function<std::vector<std::string>(const CompletedValue&)>;

/// The lines for `words`, of which the last may be incomplete; none if nothing matches.
[[nodiscard]] std::vector<std::string> complete(const CLI::App& app,
                                                const std::vector<std::string>& words,
                                                const ValuesOf& values = nullptr);

/// Prints the lines if the command line asks for them; else returns false.
[[nodiscard]] bool print_completion(const CLI::App& app, int argc, const char* const* argv,
                                    const ValuesOf& values = nullptr);

}  // namespace sifguard
