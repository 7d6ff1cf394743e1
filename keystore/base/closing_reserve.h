// Room that is kept for commands that close something: on a full disk one cannot add, but one can
// revoke. Runs with the rights of the admin.
//
// In the keystore's directory, and in that of the log of changes, lie `.reserve`, of 1 MiB, and
// `.reserve-files`, a directory of empty ones: space and inodes, of the disk or of a quota. A
// command that takes rights away gives them free where it cannot make as much again; the next
// command that finds enough of both makes them anew. They do not help against somebody who fills
// the disk at that very moment.
#pragma once

#include <string>

namespace sifguard {

/// Removes the reserve of this directory if there is too little room without it.
void release_reserve(const std::string& directory) noexcept;
/// Makes what is missing of it if there is much more room than it takes.
void keep_reserve(const std::string& directory) noexcept;

}  // namespace sifguard
