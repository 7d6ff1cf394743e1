// Becoming the helper: what runs between fork and exec. slurmstepd's forked task's child, root.
#pragma once

#include <sys/types.h>

namespace sifguard {

/// Status of a child whose helper cannot be executed, and of one that lacked what that takes now.
inline constexpr int kExecFailed = 127;
inline constexpr int kNotReady = 126;

struct HelperStart {
  const char* helper;
  const char* verb;
  const char* config;  ///< or null
  const char* state;   ///< or null
  int socket;          ///< becomes descriptor 3; -1: that is /dev/null too
  pid_t parent;        ///< the helper is killed when it ends; 0: it belongs to nobody
};

/// Execs the helper in a session of its own: `/` as directory, no environment, the socket as
/// descriptor 3, /dev/null as 0, 1 and 2, nothing else open, signals as at login.
/// Async-signal-safe, allocates nothing; never returns.
[[noreturn]] void become_helper(const HelperStart& start);

}  // namespace sifguard
