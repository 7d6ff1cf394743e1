// The body of every main(): no exception leaves it. Any privilege.
#pragma once

#include <cstdio>
#include <exception>

#include "keystore/base/error.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/text.h"

namespace sifguard {

/// Returns the status of `run`; for an exception (out of memory, or a defect) Code::internal, after
/// a message on the standard error.
template <typename Run>
[[nodiscard]] int guarded_main(const char* name, const Run& run) noexcept {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: internal error: %s\n", name, printable(error.what()).c_str());
  } catch (...) {
    std::fprintf(stderr, "%s: internal error\n", name);
  }
  return static_cast<int>(Code::internal);
}

/// For a program that another program runs (run_program.h): 0, or 1 and only the error's line; with
/// `tells_code` the error's status for commands (exit_status.h).
template <typename Run>
[[nodiscard]] int answering_main(const Run& run, bool tells_code = false) noexcept {
  try {
    const Status done = run();
    if (done) return 0;
    std::fprintf(stderr, "%s\n", printable(done.error().line()).c_str());
    return tells_code ? command_status(done.error()) : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", printable(error.what()).c_str());
  }
  return tells_code ? static_cast<int>(Code::internal) : 1;
}

}  // namespace sifguard
