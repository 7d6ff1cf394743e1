// Disk space that is kept for commands that take rights away: on a full disk nothing can be added,
// but several revocations are possible. Runs with the rights of the admin.
//
// The keystore's directory, and that of the log of changes, contain `.reserve`, of 1 MiB (or
// 512 KiB and as much as the largest file that a command may write anew), and `.reserve-files`, a
// directory of empty files. They reserve space and inodes of the disk or of a quota. A command that
// takes rights away releases as much of them as it may need, if there is not that much free, and
// takes back at its end what is left. The next command that finds plenty of both makes them whole
// again. They do not help against somebody who fills the disk at that moment.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sifguard {

inline constexpr off_t kReservedSpace = off_t{1} << 20;  ///< or more
inline constexpr int kReservedFiles = 48;
/// No reserve is made with fewer free bytes than so many times its size.
inline constexpr std::uint64_t kRoomForReserve = 4;

/// Releases what one closing command may need, if there is too little room without it.
void release_reserve(const std::string& directory) noexcept;
/// Makes the reserve whole if there is much more room than it needs; else takes back what is left
/// of what was released.
void keep_reserve(const std::string& directory) noexcept;

struct ReserveState {
  bool is_whole = false;
  bool has_plenty = false;  ///< the next change makes it whole
  off_t space = 0, wanted = kReservedSpace;
  int files = 0;
};
/// Reports a whole reserve if nothing can be written there or it cannot be read.
[[nodiscard]] ReserveState state_of_reserve(const std::string& directory) noexcept;

}  // namespace sifguard
