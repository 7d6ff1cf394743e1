// Asks sifguard-helper about a step: starts it, sends the request, receives its answer and waits
// for its end. slurmstepd or its forked task, root. Every failure is an answer that refuses.
#pragma once

#include <span>

#include "helper/request/request_wire.h"

namespace sifguard {

struct HelperCall {
  const char* helper;  ///< absolute path
  const char* config;  ///< absolute path, or null
  const char* state;   ///< absolute path, or null
  std::span<const char> request;
  int deadline_ms;   ///< for everything together; then the helper's session is killed
  const char* verb;  ///< what the helper shall do
  /// Called once for each operation that takes the helper longer than two seconds; may be null.
  void (*slow)(const char* what) noexcept = nullptr;
};

/// Fills in a valid answer. Its exit_status is 0 only if the helper sent a complete answer that
/// says so and then ended with status 0. Returns whether there was a helper: false only if the
/// program is missing, cannot be trusted or cannot be executed.
bool ask_helper(const HelperCall& call, wire::Answer& answer) noexcept;

/// Starts the helper to do `verb` independently, and does not wait for it.
void start_helper(const char* helper, const char* config, const char* verb) noexcept;

/// Makes `answer` a refusal with a printf-formatted message.
void refuse(wire::Answer& answer, int exit_status, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

}  // namespace sifguard
