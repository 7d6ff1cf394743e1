// Which mechanisms of the sandboxes this node supports. Root.
#include "helper/process/walls.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "helper/process/forbidden_calls.h"
#include "helper/process/landlock.h"
#include "keystore/base/forked_part.h"

namespace sifguard {
namespace {

/// A child's exit status, which is 0 or an errno value; the errno of the fork where there is none.
template <typename Deed>
int tried(unsigned long flags, const Deed& deed) {
  const pid_t child = fork_into(flags);
  if (child < 0) return errno;
  if (child == 0) ::_exit(deed());
  const auto status = wait_for_part(child);
  return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : ECHILD;
}

int leave(int flag) {
  return tried(0, [flag] { return ::unshare(flag) == 0 ? 0 : errno; });
}

std::string line(const char* name, int error) {
  if (error == 0) return std::string(name) + "\tgiven\n";
  return std::string(name) + "\trefused\t" + std::strerror(error) + "\n";
}

}  // namespace

std::string describe_walls() {
  return line("network", leave(CLONE_NEWNET)) +
         line("processes", tried(CLONE_NEWPID, [] { return 0; })) +
         line("ipc", leave(CLONE_NEWIPC)) + line("mounts", leave(CLONE_NEWNS)) +
         line("filter", tried(0, [] { return forbid_reaching_out() ? 0 : ENOSYS; })) +
         line("landlock", landlock_version() > 0 ? 0 : ENOSYS);
}

}  // namespace sifguard
