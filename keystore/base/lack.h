// Errors of the system that only mean that a resource is short: they are temporary, and prove
// nothing about the object of the call. Any process, any privilege.
#pragma once

#include <cerrno>

namespace sifguard {

/// Whether errno `error` means that processes, memory, descriptors or space are short.
[[nodiscard]] inline bool tells_of_lack(int error) noexcept {
  switch (error) {
    case EAGAIN:
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EDQUOT:
      return true;
    default:
      return false;
  }
}

/// What to do about errno `error` of a write to a file; "" unless there was no room.
[[nodiscard]] inline const char* remedy_for_room(int error) noexcept {
  return error == ENOSPC || error == EDQUOT ? "free some space there and try again" : "";
}

}  // namespace sifguard
