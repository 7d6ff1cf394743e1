// A part of our own program in a second process. The caller's privilege.
#include "keystore/base/forked_part.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

namespace sifguard {

pid_t fork_self() noexcept {
  return ::fork();
}

pid_t fork_into(unsigned long namespaces) noexcept {
  return static_cast<pid_t>(
      ::syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

std::optional<int> wait_for_part(pid_t child) noexcept {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  return status;
}

}  // namespace sifguard
