// Errors of the system that tell of nothing but a lack: they pass, and prove nothing about what was
// asked. Any process, any privilege.
#pragma once

#include <cerrno>

namespace sifguard {

/// Whether errno `error` tells of a lack of processes, memory, descriptors or space.
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

/// What to do about errno `error` where a file was to be written; "" unless there was no room.
[[nodiscard]] inline const char* remedy_for_room(int error) noexcept {
  return error == ENOSPC || error == EDQUOT ? "free some space there and try again" : "";
}

}  // namespace sifguard
