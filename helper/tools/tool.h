// How the tools that people run say things. The user's rights.
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

  /// Writes to stdout as it is: printable() anything not our own first.
  void out(std::string_view text) const;
  void print_json(const nlohmann::ordered_json& value) const;
  /// A line on stderr, unless --quiet was given.
  void note(std::string_view text) const;
  /// A line on stderr; the exit status.
  [[nodiscard]] int report(const Error& error) const;
  /// The exit status when all is done: writing to stdout may have failed.
  [[nodiscard]] int finish() const;

  /// Parses the command line. True when the tool is to run; else `status` is what main() returns.
  [[nodiscard]] bool parse(CLI::App& app, int argc, char** argv, int& status) const;

 private:
  std::string name_;
};

/// Calls `run`, and turns what is thrown (out of memory, or a defect) into a message and a status.
[[nodiscard]] int run_tool(const char* name, int (*run)(int, char**), int argc,
                           char** argv) noexcept;

}  // namespace sifguard
