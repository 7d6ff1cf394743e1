// Turns of a step's tasks at the runtime's unlock: as many at once as the job has CPUs on the node.
// The launcher, as the user.
//
// Apptainer gives gocryptfs ten seconds, which 64 derivations of a key at once on two CPUs do not
// keep. For each turn root made a file in the step's directory, and who has locked it (flock(2))
// has the turn. The launcher becomes the runtime, whose servers and payload would keep what they
// inherit; so a watcher, which it leaves behind, holds the lock until the decrypted file system
// has come among the runtime's mounts, or the runtime has ended.
//
// Turns are a help, not a wall: who cannot have one starts without.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "keystore/base/fd.h"

namespace sifguard {

/// A turn ends at the latest after as much: the runtime has then given up.
inline constexpr std::int64_t kLongestTurnMs = 12'000;
/// Nobody waits for one longer than this.
inline constexpr std::int64_t kLongestWaitMs = 600'000;

/// Waits for a turn of those in `directory` and leaves a watcher who gives it back; this process
/// is to become the runtime. `cpus`: how many Slurm says that the job has on this node; null: it
/// does not say. Returns at once where there are no turns.
void take_turn(const std::string& directory, const char* cpus);

/// One of the files 0, 1, …, locked, of the first `at_most`; empty past the deadline
/// (monotonic_ms()), and where there are none.
[[nodiscard]] UniqueFd wait_for_turn(const std::string& directory, std::size_t at_most,
                                     std::int64_t deadline_ms);

/// Devices of gocryptfs file systems among the mounts of the process that is `process` (a
/// directory like /proc/42) and of its children.
[[nodiscard]] std::set<std::string> unlocked_by(const std::string& process);

}  // namespace sifguard
