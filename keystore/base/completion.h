// What a shell offers while a command line is typed, out of the program's own tree of commands: so
// no list of them is kept anywhere else. Any privilege; pure but for print_completion().
//
// The shells' files (packaging/completions) are alike for all programs: they run
// `PROGRAM --complete WORD…` with the words typed so far, the last of them unfinished and maybe
// empty, and take each line of the answer as a word, a tab and what it means. A line ":files",
// ":directories", ":users" or ":groups" asks the shell for its own.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace sifguard {

/// Of whose value there is something to offer.
struct CompletedValue {
  std::string command;  ///< the words of the command, "key rule set"; empty at the root
  std::string name;     ///< "--key"; of an argument its name in the help
  std::string type;     ///< "KEY"
};

/// Values that only the program knows: names of keys, say. May be slow; failing is offering none.
using ValuesOf = std::function<std::vector<std::string>(const CompletedValue&)>;

/// The lines for `words`; none where nothing fits. Of the last word the beginning is what is there.
[[nodiscard]] std::vector<std::string> complete(const CLI::App& app,
                                                const std::vector<std::string>& words,
                                                const ValuesOf& values = nullptr);

/// Prints them if that is what the command line asks for; else false.
[[nodiscard]] bool print_completion(const CLI::App& app, int argc, const char* const* argv,
                                    const ValuesOf& values = nullptr);

}  // namespace sifguard
