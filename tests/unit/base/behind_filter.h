// What a process may do behind a filter of system calls, tried in a child. Tests only.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace sifguard::test {

/// Wait status of a child that does `deed` once `enter` has put it behind the filter: 0 where it
/// did it, 1 where it could not, 99 where there is no filter.
inline int behind_filter(const std::function<bool()>& enter, const std::function<bool()>& deed) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!enter()) ::_exit(99);
    ::_exit(deed() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

/// Its exit status, as above; -1 where a signal ended it.
inline int status_behind_filter(const std::function<bool()>& enter,
                                const std::function<bool()>& deed) {
  const int status = behind_filter(enter, deed);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

inline bool is_killed_by_filter(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

}  // namespace sifguard::test
