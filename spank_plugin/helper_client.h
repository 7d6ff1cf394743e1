// Asking sifguard-helper about a step: start it, send the request, take its answer, see it end.
// slurmstepd or its forked task, root. Every failure is an answer that refuses.
#pragma once

#include <span>

#include "helper/request/request_wire.h"

namespace sifguard {

struct HelperCall {
  const char* helper;  ///< absolute path
  const char* config;  ///< absolute path, or null
  const char* state;   ///< likewise
  std::span<const char> request;
  int deadline_ms;   ///< for all of it; then the helper's session is killed
  const char* verb;  ///< what it is to do
  /// Is told once of each thing that the helper has been doing for longer than two seconds; may be
  /// null.
  void (*slow)(const char* what) noexcept = nullptr;
};

/// Fills in a valid answer. exit_status 0 only when a helper said so whole and then ended with 0.
/// Returns whether there was one to ask: false only when the program is not there, not to be
/// trusted or cannot be executed.
bool ask_helper(const HelperCall& call, wire::Answer& answer) noexcept;

/// Starts the helper to do `verb` by itself, and does not wait for it: it belongs to nobody.
void start_helper(const char* helper, const char* config, const char* verb) noexcept;

/// Makes `answer` a refusal with a printf-formatted message.
void refuse(wire::Answer& answer, int exit_status, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

}  // namespace sifguard
