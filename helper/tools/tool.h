// Output of the tools that people run. The user's rights.
//
// Results go to stdout, everything else to stderr, one escaped line each: "sif-sign: what; remedy".
// An error's code is the exit status (keystore/base/error.h).
#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

class Tool {
 public:
  explicit Tool(std::string name) : name_(std::move(name)) {}

  bool json = false;   ///< --json
  bool quiet = false;  ///< --quiet: results and errors alone

  /// Writes `text` to stdout unchanged; apply printable() to foreign text first.
  void out(std::string_view text) const;
  void print_json(const nlohmann::ordered_json& value) const;
  /// Prints an object of a kind that has a JSON schema (packaging/schemas), which it begins with.
  void answer(std::string_view kind, const nlohmann::ordered_json& value) const;
  /// A line on stderr, unless --quiet was given.
  void note(std::string_view text) const;
  /// Writes a line to stderr and returns the exit status.
  [[nodiscard]] int report(const Error& error) const;
  /// Does the same and, with --json, prints the error as JSON too.
  [[nodiscard]] int answer_error(const Error& error) const;
  /// The exit status at the end: an error if writing to stdout failed.
  [[nodiscard]] int finish() const;

  /// Parses the command line. True: the tool shall run. False: main() returns `status`. An error is
  /// answered as JSON where --json stands among the arguments.
  [[nodiscard]] bool parse(CLI::App& app, int argc, char** argv, int& status);

 private:
  std::string name_;
};

/// Calls `run`, and turns an exception (out of memory, or a defect) into a message and a status.
[[nodiscard]] int run_tool(const char* name, int (*run)(int, char**), int argc,
                           char** argv) noexcept;

}  // namespace sifguard
