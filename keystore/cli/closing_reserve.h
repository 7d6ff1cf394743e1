// Space that is kept for commands that close something: on a full disk one cannot add, but one can
// revoke. Runs with the rights of the admin.
//
// `.reserve`, 1 MiB, lies in the keystore's directory and in that of the log of changes. A command
// that takes rights away gives its space free where the disk is full; the next command that finds
// enough space makes it again. It helps against a lack of space, not of inodes, and not against
// somebody who fills the disk at that very moment.
#pragma once

#include <string>

namespace sifguard {

/// Whether the command ("signer suspend") takes a right away.
[[nodiscard]] bool closes(const std::string& command);

/// Removes the reserve of this directory if there is too little space without it.
void release_reserve(const std::string& directory) noexcept;
/// Makes it if there is none and much more space than it takes.
void keep_reserve(const std::string& directory) noexcept;

}  // namespace sifguard
