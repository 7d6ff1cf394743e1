// How the tools that people run say things. The user's rights.
#include "helper/tools/tool.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "keystore/base/completion.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/json_values.h"
#include "keystore/base/main.h"
#include "keystore/base/one_line.h"
#include "keystore/base/usage_error.h"

namespace sifguard {
namespace {

bool asks_for_json(int argc, char** argv) {
  const std::vector<std::string_view> words(argv, argv + argc);
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::find(words.begin(), end, "--json") != end;
}

}  // namespace

void Tool::out(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Tool::print_json(const nlohmann::ordered_json& value) const {
  out(written_answer(value));
}

void Tool::answer(std::string_view kind, const nlohmann::ordered_json& value) const {
  nlohmann::ordered_json object = answer_of_kind(kind);
  object.update(value);
  print_json(object);
}

void Tool::note(std::string_view text) const {
  if (!quiet) std::fprintf(stderr, "%s: %s\n", name_.c_str(), one_line(text).c_str());
}

int Tool::report(const Error& error) const {
  std::fprintf(stderr, "%s: %s\n", name_.c_str(), one_line(error.line()).c_str());
  return command_status(error);
}

int Tool::answer_error(const Error& error) const {
  if (json) print_json(error_answer(error));
  return report(error);
}

int Tool::finish() const {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return 0;
  return report(
      fail_errno(Code::cannot_write, "cannot write the result to the standard output", errno)
          .value());
}

bool Tool::parse(CLI::App& app, int argc, char** argv, int& status) {
  if (print_completion(app, argc, argv)) {
    status = finish();
    return false;
  }
  check_values(app);
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::Success& asked) {  // --help, --version
    app.exit(asked);
    status = finish();
  } catch (const CLI::ParseError& error) {
    json = json || asks_for_json(argc, argv);
    status = answer_error(usage_error(app, error));
  }
  return false;
}

int run_tool(const char* name, int (*run)(int, char**), int argc, char** argv) noexcept {
  return guarded_main(name, [&] { return run(argc, argv); });
}

}  // namespace sifguard
