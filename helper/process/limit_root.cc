// Root's programs keep only the root rights that they need. Root.
#include "helper/process/limit_root.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "helper/process/forbidden_calls.h"

namespace sifguard {
namespace {

struct Kept {
  unsigned capability;
  const char* for_what;  // for who reads this table
};
/// Every privileged request of the helper and its like, and what it takes. What is not here
/// (modules, raw devices and packets, clocks, device files, the audit system, …) is gone before a
/// request is read.
constexpr std::array kKeptCapabilities = {
    Kept{CAP_SYS_ADMIN,
         "mounts of a step, namespaces of the sandboxes, FUSE servers that cannot die"},
    Kept{CAP_SETUID, "the opener becomes the job's owner, the verifier the no-login account"},
    Kept{CAP_SETGID, "likewise their groups"},
    Kept{CAP_SETPCAP, "giving up all the others"},
    Kept{CAP_CHOWN, "the transient key belongs to the job's owner"},
    Kept{CAP_FOWNER, "modes and times of files whose owner another is"},
    Kept{CAP_FSETID, "likewise"},
    Kept{CAP_DAC_OVERRIDE,
         "keystores and published images that belong to an admin; aborting FUSE connections"},
    Kept{CAP_DAC_READ_SEARCH, "likewise; /proc of processes of others"},
    Kept{CAP_SYS_PTRACE,
         "which namespace slurmstepd is in; who holds a mount, a lock or a FUSE server"},
    Kept{CAP_KILL, "openers and verifiers that overrun, holders of locks that are stopped"},
    Kept{CAP_IPC_LOCK, "memory for keys is locked"},
    Kept{CAP_SYS_RESOURCE, "limits of children, also above our own"},
    Kept{CAP_SYS_CHROOT, "entering a mount namespace (setns)"}};

bool is_kept(unsigned capability) {
  return std::any_of(kKeptCapabilities.begin(), kKeptCapabilities.end(),
                     [&](const Kept& one) { return one.capability == capability; });
}

/// From the bounding set, so that what is executed as root gets no more either.
bool bound() {
  for (unsigned capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (!is_kept(capability) && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  return true;
}

/// capset(2), version 3: two words for each set.
bool give_up() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> have{};
  if (::syscall(SYS_capget, &header, have.data()) != 0) return false;
  std::array<std::uint32_t, 2> kept{};
  for (const Kept& one : kKeptCapabilities) kept[one.capability / 32] |= 1U << one.capability % 32;
  for (std::size_t i = 0; i < have.size(); ++i) {
    have[i].effective &= kept[i];
    have[i].permitted &= kept[i];
    have[i].inheritable = 0;
  }
  return ::syscall(SYS_capset, &header, have.data()) == 0;
}

}  // namespace

Status limit_root() {
  if (::geteuid() != 0) return {};
  if (!bound() || !give_up()) {
    return fail_errno(Code::internal, "cannot give up capabilities", errno);
  }
  return forbid_dangerous_calls();
}

}  // namespace sifguard
