// Becomes the helper: the code between fork and exec. A child of slurmstepd's forked task, root.
#pragma once

#include <sys/types.h>

namespace sifguard {

/// Exit status of a child that cannot execute the helper, and of one that could not prepare for
/// that.
inline constexpr int kExecFailed = 127;
inline constexpr int kNotReady = 126;

struct HelperStart {
  const char* helper;
  const char* verb;
  const char* config;  ///< or null
  const char* state;   ///< or null
  int socket;          ///< becomes descriptor 3; -1: descriptor 3 is /dev/null, too
  pid_t parent;        ///< the helper is killed when this process ends; 0: it is independent
};

/// Execs the helper in a session of its own: `/` as directory, no environment, the socket as
/// descriptor 3, /dev/null as 0, 1 and 2, nothing else open, signals as at login.
/// It is async-signal-safe, allocates nothing and never returns.
[[noreturn]] void become_helper(const HelperStart& start);

}  // namespace sifguard
