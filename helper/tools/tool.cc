// How the tools that people run say things. The user's rights.
#include "helper/tools/tool.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>

#include "keystore/base/completion.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/main.h"
#include "keystore/base/one_line.h"
#include "keystore/base/usage_error.h"

namespace sifguard {

void Tool::out(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Tool::print_json(const nlohmann::ordered_json& value) const {
  out(value.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void Tool::note(std::string_view text) const {
  if (!quiet) std::fprintf(stderr, "%s: %s\n", name_.c_str(), one_line(text).c_str());
}

int Tool::report(const Error& error) const {
  std::fprintf(stderr, "%s: %s\n", name_.c_str(), one_line(error.line()).c_str());
  return command_status(error);
}

int Tool::finish() const {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return 0;
  return report(
      fail_errno(Code::cannot_write, "cannot write the result to the standard output", errno)
          .value());
}

bool Tool::parse(CLI::App& app, int argc, char** argv, int& status) const {
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
    status = report(usage_error(app, error));
  }
  return false;
}

int run_tool(const char* name, int (*run)(int, char**), int argc, char** argv) noexcept {
  return guarded_main(name, [&] { return run(argc, argv); });
}

}  // namespace sifguard
