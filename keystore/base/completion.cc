// What a shell offers while a command line is typed. Any privilege.
#include "keystore/base/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

#include "keystore/base/one_line.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kAsked = "--complete";

/// Where the words before the last one lead.
struct Place {
  const CLI::App* command;
  std::string path;
  std::size_t arguments = 0;               ///< of the command, given so far
  const CLI::Option* wanting = nullptr;    ///< the option that must have a value now
  const CLI::Option* repeating = nullptr;  ///< the option that may have one more
  bool only_arguments = false;             ///< behind "--"
};

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

/// Of the command, or of one above it, whose options may stand behind it, too.
const CLI::Option* find_option(const CLI::App* command, const std::string& name) {
  for (; command != nullptr; command = command->get_parent()) {
    if (const CLI::Option* const found = command->get_option_no_throw(name)) return found;
  }
  return nullptr;
}

const CLI::App* find_command(const CLI::App& parent, const std::string& name) {
  for (const CLI::App* inner : parent.get_subcommands(nullptr)) {
    if (inner->get_name() == name) return inner;
  }
  return nullptr;
}

void pass_option(Place& place, const std::string& word) {
  const std::size_t equals = word.find('=');
  const CLI::Option* const option = find_option(place.command, word.substr(0, equals));
  place.repeating = nullptr;
  if (option == nullptr || !takes_value(*option)) return;
  if (equals == word.npos) place.wanting = option;
}

void pass(Place& place, const std::string& word) {
  if (place.wanting != nullptr) {
    const CLI::Option* const option = std::exchange(place.wanting, nullptr);
    place.repeating = option->get_items_expected_max() > 1 ? option : nullptr;
    return;
  }
  const bool any = !place.only_arguments;
  if (any && word == "--") {
    place.only_arguments = true;
  } else if (any && word.size() > 1 && word[0] == '-') {
    pass_option(place, word);
  } else if (const auto* const inner = any ? find_command(*place.command, word) : nullptr) {
    place = {inner, place.path.empty() ? word : place.path + " " + word};
  } else if (!any || place.repeating == nullptr) {
    ++place.arguments;
  }
}

/// The words that a type such as "crl|ocsp" or "TEXT:{pem,mount}" names; what is in capitals, or
/// has a form of its own, is no word.
std::vector<std::string> words_of(const std::string& type) {
  const std::size_t open = type.find('{');
  const bool members = open != type.npos && type.find('}', open) != type.npos;
  const std::string list = members ? type.substr(open + 1, type.find('}', open) - open - 1) : type;
  std::vector<std::string> words;
  for (std::string& one : split(list, members ? ',' : '|')) {
    const bool plain = std::all_of(
        one.begin(), one.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
    if (plain && !one.empty() && std::isupper(static_cast<unsigned char>(one[0])) == 0) {
      words.push_back(std::move(one));
    }
  }
  return words;
}

/// What the shell itself has of a type; empty: nothing.
std::string_view shell_has(const std::string& type) {
  std::string_view last = type;
  last = last.substr(0, last.find(':'));
  last = last.substr(last.rfind('|') + 1);
  if (last == "DIR") return ":directories";
  if (last == "USER") return ":users";
  if (last == "GROUP") return ":groups";
  const auto files = {"FILE", "PEM", "CERT", "TABLE", "IMAGE", "P"};
  return std::find(files.begin(), files.end(), last) != files.end() ? ":files" : "";
}

class Offers {
 public:
  Offers(std::string begun, const ValuesOf& values) : begun_(std::move(begun)), values_(values) {}

  void word(const std::string& word, const std::string& meaning) {
    if (!word.starts_with(begun_) || one_line(word) != word) return;
    lines_.push_back(word + "\t" + one_line(meaning.substr(0, meaning.find('\n'))));
  }

  /// `before`: what stands before the value in the same word, "--key=".
  void value(const Place& place, const CLI::Option& option, const std::string& before = "") {
    const std::string type = option.get_type_name();
    const CompletedValue what{place.path, option.get_name(), type};
    for (const std::string& one : words_of(type)) word(before + one, option.get_description());
    if (values_) {
      for (const std::string& one : values_(what)) word(before + one, option.get_description());
    }
    if (!shell_has(type).empty()) lines_.emplace_back(shell_has(type));
  }

  void options(const CLI::App* command) {
    for (; command != nullptr; command = command->get_parent()) {
      for (const CLI::Option* const option : command->get_options()) {
        if (option->get_group().empty()) continue;  // not in the help either
        for (const std::string& name : option->get_lnames()) {
          word("--" + name, option->get_description());
        }
      }
    }
  }

  [[nodiscard]] bool none() const { return lines_.empty(); }
  [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::string begun_;
  const ValuesOf& values_;
  std::vector<std::string> lines_;
};

const CLI::Option* next_argument(const Place& place) {
  const CLI::Option* last = nullptr;
  std::size_t left = place.arguments;
  for (const CLI::Option* const option : place.command->get_options()) {
    if (!option->get_positional()) continue;
    if (left-- == 0) return option;
    last = option;
  }
  return last != nullptr && last->get_items_expected_max() > 1 ? last : nullptr;
}

void offer(Offers& offers, const Place& place, const std::string& begun) {
  const std::size_t equals = begun.find('=');
  if (place.wanting != nullptr) return offers.value(place, *place.wanting);
  if (begun.starts_with("--") && equals != begun.npos && !place.only_arguments) {
    const CLI::Option* const option = find_option(place.command, begun.substr(0, equals));
    if (option != nullptr) offers.value(place, *option, begun.substr(0, equals + 1));
    return;
  }
  if (begun.starts_with('-') && !place.only_arguments) return offers.options(place.command);
  if (!place.only_arguments) {
    for (const CLI::App* inner : place.command->get_subcommands(nullptr)) {
      offers.word(inner->get_name(), inner->get_description());
    }
  }
  if (place.repeating != nullptr) offers.value(place, *place.repeating);
  if (const CLI::Option* const argument = next_argument(place)) offers.value(place, *argument);
  if (offers.none() && !place.only_arguments) offers.options(place.command);
}

}  // namespace

std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words,
                                  const ValuesOf& values) {
  Place place{&app, ""};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) pass(place, words[i]);
  const std::string begun = words.empty() ? "" : words.back();
  Offers offers(begun, values);
  offer(offers, place, begun);
  return offers.take();
}

bool print_completion(const CLI::App& app, int argc, const char* const* argv,
                      const ValuesOf& values) {
  if (argc < 2 || argv[1] != kAsked) return false;
  for (const std::string& line : complete(app, {argv + 2, argv + argc}, values)) {
    std::fputs((line + "\n").c_str(), stdout);
  }
  return true;
}

}  // namespace sifguard
