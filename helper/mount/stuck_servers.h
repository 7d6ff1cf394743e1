// FUSE servers of containers that cannot be killed. Root, in `sifguard-helper reap`.
//
// A server that is killed while it has a file of its own mount open closes that file as it exits,
// and waits for the answer that it should give itself and never will (seen with gocryptfs, killed
// while it mounts, on Linux 6.18). No signal ends that, and Slurm drains a node whose processes
// cannot be killed. Aborting the FUSE connection ends it.
//
// The kernel does not say which connection a server serves. The servers of runtimes mount in the
// container's mount namespace, which is a copy of the node's. So a connection that is also mounted
// on the node belongs to somebody else (an encrypted home, for example) and is left alone, as is a
// connection on which nobody waits.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// State of a thread, from /proc/PID/task/TID/stat, or of a process's first thread, from
/// /proc/PID/stat.
struct ThreadState {
  std::string name;
  char state = 0;  ///< 'D', 'S': sleeps; 'Z': has ended, while other threads of the process may run
  bool exiting = false;  ///< it is exiting
};

/// Nothing for a line that is malformed.
[[nodiscard]] std::optional<ThreadState> parse_thread_state(std::string_view line);

/// The numbers of the FUSE connections, as in /sys/fs/fuse/connections, that a server called `name`
/// serves according to `mountinfo` (the text of /proc/PID/mountinfo).
[[nodiscard]] std::vector<unsigned> served_connections(std::string_view mountinfo,
                                                       std::string_view name);

/// Those of `served` that are not in `everybodys`, which are the connections of the node's own
/// mount table.
[[nodiscard]] std::vector<unsigned> own_connections(std::vector<unsigned> served,
                                                    const std::vector<unsigned>& everybodys);

/// Frees the servers that are stuck and still are after a moment; returns how many. This takes 0.2
/// s, or 0.4 s. If there are any, this process moves into a mount namespace of its own. Errors:
/// Code::unavailable without fusectl or /proc, or if a mount table cannot be read to its end.
[[nodiscard]] Result<std::size_t> free_stuck_servers();

}  // namespace sifguard
