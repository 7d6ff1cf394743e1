// Becoming the helper: what runs between fork and exec. slurmstepd's forked task's child, root.
#include "spank_plugin/helper_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "helper/request/request_wire.h"

namespace sifguard {
namespace {

constexpr int kFirstFree = wire::kHelperFd + 1;

bool reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    sigaction(number, &action, nullptr);  // KILL, STOP and libc's own refuse, which is fine
  }
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

bool arrange_descriptors(int socket) {
  // Out of the way first: either may be one of the numbers that are about to be replaced.
  const int opened = open("/dev/null", O_RDWR);
  const int null = fcntl(opened, F_DUPFD, kFirstFree);
  const int kept = socket < 0 ? null : fcntl(socket, F_DUPFD, kFirstFree);
  if (kept < 0 || null < 0) return false;
  const bool placed = dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2 &&
                      dup2(kept, wire::kHelperFd) == wire::kHelperFd;
  closefrom(kFirstFree);  // glibc 2.34; by /proc on kernels before 5.9
  return placed;
}

/// False when the parent ended before this was said.
bool die_with(pid_t parent) {
  return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

}  // namespace

void become_helper(const HelperStart& start) {
  const bool ready = setsid() > 0 && reset_signals() && chdir("/") == 0 &&
                     arrange_descriptors(start.socket) &&
                     (start.parent == 0 || die_with(start.parent));
  if (ready) {
    umask(077);
    const char* argv[7] = {start.helper, start.verb};
    const char** next = argv + 2;
    if (start.config != nullptr) {
      *next++ = "--config";
      *next++ = start.config;
    }
    if (start.state != nullptr) {
      *next++ = "--state";
      *next++ = start.state;
    }
    const char* const environment[] = {nullptr};
    // execve takes pointers to non-const for reasons of history, and changes nothing.
    execve(start.helper,
           const_cast<char* const*>(argv),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
           const_cast<char* const*>(        // NOLINT(cppcoreguidelines-pro-type-const-cast)
               environment));
    if (errno != ENOMEM && errno != EAGAIN) _exit(kExecFailed);
  }
  _exit(kNotReady);
}

}  // namespace sifguard
