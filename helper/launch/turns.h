// The tasks of a step take turns while the runtime unlocks the image: as many at once as the job
// has CPUs on the node. The launcher, as the user.
//
// Apptainer waits ten seconds for gocryptfs, which is too short when 64 tasks derive a key at once
// on two CPUs. For each turn root made a file in the step's directory, and the process that has
// locked it (flock(2)) has the turn. The launcher becomes the runtime, whose servers and payload
// would keep an inherited lock; so the launcher leaves a watcher process behind, which holds the
// lock until the decrypted file system is among the runtime's mounts, or the runtime has ended.
//
// Turns are an aid and protect nothing: a task that cannot get one starts without it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "keystore/base/fd.h"

namespace sifguard {

/// A turn ends after this time at the latest: the runtime has given up by then.
inline constexpr std::int64_t kLongestTurnMs = 12'000;
/// Nobody waits for one longer than this.
inline constexpr std::int64_t kLongestWaitMs = 600'000;

/// Waits for a turn of those in `directory` and leaves a watcher process that gives it back. The
/// calling process then becomes the runtime. `cpus`: the number of CPUs that the job has on this
/// node, as Slurm says; or null. Returns at once if there are no turns.
void take_turn(const std::string& directory, const char* cpus);

/// One of the first `at_most` files 0, 1, …, locked; empty after the deadline (monotonic_ms()) and
/// if there are none.
[[nodiscard]] UniqueFd wait_for_turn(const std::string& directory, std::size_t at_most,
                                     std::int64_t deadline_ms);

/// Devices of gocryptfs file systems among the mounts of the process that is `process` (a
/// directory like /proc/42) and of its children.
[[nodiscard]] std::set<std::string> unlocked_by(const std::string& process);

}  // namespace sifguard
