// A kernel, or a node's limits, that the machine of the test does not have: system calls are
// answered by a filter. Any privilege; without root the process gains no privileges by exec any
// more.
//
// What can be said, each as NAME or NAME=ERRNO:
//   net, pid, ipc, mnt, user   no such namespace, by clone() or unshare(); ENOSPC unless said
//   otherwise, as
//                              user.max_net_namespaces = 0 and its like answer
//   seccomp                    no filter of system calls; EINVAL
//   tmpfile                    no files without a name; EOPNOTSUPP
//   linux-4.18, linux-5.14     no system call that came later; ENOSYS; in 4.18, no LOOP_CONFIGURE
//   either NAME of a system call      ENOSYS
#pragma once

#include <span>
#include <string>

namespace sifguard::test {

/// From now on, for this process and all it starts. Ends the process with 99 when it cannot.
void refuse_from_now_on(std::span<const std::string> refusals);

}  // namespace sifguard::test
