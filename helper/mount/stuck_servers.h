// FUSE servers of containers that cannot die. Root, `sifguard-helper reap`.
//
// A server that is killed while it has a file of its own mount open closes that file on its way out
// and waits for the answer: its own, which never comes (seen: gocryptfs, killed in the moment in
// which it mounts, Linux 6.18). No signal ends that, and Slurm drains a node whose processes cannot
// be killed. Aborting the connection ends it.
//
// Which connection a server serves the kernel does not say. The runtimes' servers mount in a mount
// namespace of the container; that one is a copy of the node's, so what is mounted on the node too
// is somebody else's, an encrypted home for one, and is left alone, and so is what nobody waits
// for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Of a thread, from /proc/PID/task/TID/stat, or of a process' first one from /proc/PID/stat.
struct ThreadState {
  std::string name;
  char state = 0;        ///< 'D', 'S': sleep; 'Z': ended, others of the process perhaps not
  bool exiting = false;  ///< on its way out
};

/// Nothing for a line that is none of theirs.
[[nodiscard]] std::optional<ThreadState> parse_thread_state(std::string_view line);

/// The numbers of the FUSE connections, as in /sys/fs/fuse/connections, that a server called `name`
/// serves according to `mountinfo` (the text of /proc/PID/mountinfo).
[[nodiscard]] std::vector<unsigned> served_connections(std::string_view mountinfo,
                                                       std::string_view name);

/// Of these, those that are not in `everybodys`, of the node's own table.
[[nodiscard]] std::vector<unsigned> own_connections(std::vector<unsigned> served,
                                                    const std::vector<unsigned>& everybodys);

/// Frees those that are stuck and still are after a moment; how many. Takes 0.2 s, or 0.4. Takes
/// this process into a mount namespace of its own when there are any. Errors: Code::unavailable
/// without fusectl or /proc, or where a table of mounts cannot be read to its end.
[[nodiscard]] Result<std::size_t> free_stuck_servers();

}  // namespace sifguard
