// Becoming the helper: what runs between fork and exec. slurmstepd's forked task's child, root.
#pragma once

#include <sys/types.h>

namespace sifguard {

/// Status of a child that could not become the helper.
inline constexpr int kExecFailed = 127;

/// Execs `helper` with `config` (or null) in a session of its own: `/` as directory, no
/// environment, `socket` as descriptor 3, /dev/null as 0, 1 and 2, nothing else open, signals as at
/// login, killed when `parent` ends. Async-signal-safe, allocates nothing; never returns.
[[noreturn]] void become_helper(const char* helper, const char* config, int socket, pid_t parent);

}  // namespace sifguard
