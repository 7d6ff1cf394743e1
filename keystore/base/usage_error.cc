// Errors for words on the command line that are unknown or empty. Any privilege; pure.
#include "keystore/base/usage_error.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// How many letters must be added, left out, changed or swapped with the next one.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::vector<std::size_t>> steps(from.size() + 1,
                                              std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i) {
    for (std::size_t j = 0; j <= to.size(); ++j) {
      std::size_t& here = steps[i][j];
      if (i == 0 || j == 0) {
        here = i + j;
        continue;
      }
      const bool same = from[i - 1] == to[j - 1];
      here = std::min({steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + !same});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        here = std::min(here, steps[i - 2][j - 2] + 1);
      }
    }
  }
  return steps[from.size()][to.size()];
}

/// The innermost command that was recognized.
const CLI::App* innermost(const CLI::App* command) {
  for (auto inner = command->get_subcommands(); !inner.empty();
       inner = command->get_subcommands()) {
    command = inner.back();
  }
  return command;
}

std::string full_name(const CLI::App* command) {
  std::string name = command->get_name();
  for (command = command->get_parent(); command != nullptr; command = command->get_parent()) {
    name = command->get_name() + " " + name;
  }
  return name;
}

/// The options that may stand with `command`: its own, and those of the groups above it.
void add_options(const CLI::App* command, std::vector<std::string>& words) {
  for (; command != nullptr; command = command->get_parent()) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }
}

std::string meant(const CLI::App* command, const std::string& word) {
  std::vector<std::string> words;
  if (word.starts_with('-')) {
    add_options(command, words);
  } else {
    for (const CLI::App* inner : command->get_subcommands(nullptr)) {
      words.push_back(inner->get_name());
    }
  }
  const std::string near = nearest_word(word.substr(0, word.find('=')), words);
  return near.empty() ? "" : "did you mean '" + near + "'? ";
}

constexpr std::string_view kOrEmpty = "|''";

/// Words and sentences, which go into files of text; names of files are whatever bytes they are.
bool is_text(std::string_view type) {
  constexpr std::array<std::string_view, 6> kTexts = {"NAME",  "PATTERN", "USER",
                                                      "GROUP", "REASON",  "TEXT"};
  if (type.ends_with(kOrEmpty)) type.remove_suffix(kOrEmpty.size());
  return std::find(kTexts.begin(), kTexts.end(), type) != kTexts.end();
}

/// The library's own words have them last to first.
std::string unexpected(const std::vector<std::string>& left) {
  std::string text = left.size() > 1 ? "The following arguments were not expected:"
                                     : "The following argument was not expected:";
  for (const std::string& one : left) text += " " + one;
  return text;
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t kFar = 3;
  constexpr std::size_t kLongest = 64;
  std::string nearest;
  std::size_t best = std::min(kFar, word.size());
  if (word.size() > kLongest) return nearest;
  for (const std::string& one : known) {
    const std::size_t apart = distance(word, one);
    if (apart >= best) continue;
    best = apart;
    nearest = one;
  }
  return nearest;
}

void check_values(CLI::App& command) {
  for (CLI::Option* const option : command.get_options([](const CLI::Option*) { return true; })) {
    if (option->get_items_expected_max() == 0) continue;  // a flag
    const std::string type = option->get_type_name();
    const bool may_be_empty = type.ends_with(kOrEmpty);
    option->check([may_be_empty, text = is_text(type)](const std::string& value) -> std::string {
      if (value.empty() && !may_be_empty) {
        return "must not be empty (a variable that is not set?)";
      }
      return text && !is_utf8(value) ? "must be UTF-8 text, not '" + printable(value, 100) + "'"
                                     : "";
    });
  }
}

bool has_unknown_words(const CLI::App& app) {
  return !app.remaining(true).empty();
}

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* const command = innermost(&app);
  const std::string help = "see " + full_name(command) + " --help";
  const auto left = app.remaining(true);
  const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  if (left.empty()) return {Code::usage, error.what(), help};
  const std::string remedy = meant(command, left.front()) + help;
  if (code == CLI::ExitCodes::ExtrasError) return {Code::usage, unexpected(left), remedy};
  // CLI11 tells of a missing command, or of nothing, where an unknown one was given.
  const bool hidden = code == CLI::ExitCodes::RequiredError || code == CLI::ExitCodes::Success;
  return {Code::usage, hidden ? "unknown command or argument '" + left.front() + "'" : error.what(),
          remedy};
}

}  // namespace sifguard
