// Room that is kept for commands that close something: on a full disk one cannot add, but one can
// revoke, more than once. Runs with the rights of the admin.
//
// In the keystore's directory, and in that of the log of changes, lie `.reserve`, of 1 MiB, and
// `.reserve-files`, a directory of empty ones: space and inodes, of the disk or of a quota. A
// command that takes rights away gives free as much of them as it may need where it cannot make as
// much again, and takes back at its end what is left; the next command that finds plenty of both
// makes them whole. They do not help against somebody who fills the disk at that very moment.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sifguard {

inline constexpr off_t kReservedSpace = off_t{1} << 20;
inline constexpr int kReservedFiles = 48;
/// Free bytes without which none is made.
inline constexpr std::uint64_t kRoomForReserve = 4 * std::uint64_t{kReservedSpace};

/// Gives free what one closing command may need, if there is too little room without it.
void release_reserve(const std::string& directory) noexcept;
/// Makes it whole if there is much more room than it takes; else takes back what is free of what
/// was given.
void keep_reserve(const std::string& directory) noexcept;

struct ReserveState {
  bool is_whole = false;
  bool has_plenty = false;  ///< the next change makes it whole
  off_t space = 0;
  int files = 0;
};
/// As if it were whole where nothing can be written or it cannot be looked at.
[[nodiscard]] ReserveState state_of_reserve(const std::string& directory) noexcept;

}  // namespace sifguard
