// Whether a user's processes in a container can take over processes that run for the same user
// outside it. Any privilege; this reads modes and kernel settings and starts nothing.
//
// With a setuid runtime, container and host are not separated by the uid: the kernel lets a process
// trace, stop and read any other dumpable process of the same uid, and a traced runtime executes on
// the host whatever the tracer chooses. Either of two settings prevents that. A process that
// executes a file that its user cannot read is not dumpable (unless fs.suid_dumpable is 1). And
// with kernel.yama.ptrace_scope of 1 or more, a process can only trace its own descendants,
// although dumpable processes can still be inspected through /proc.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// The places to examine; the defaults are those of a node.
struct HardeningPlaces {
  std::string sysctl = "/proc/sys";
  /// Directories in which runtimes look for the programs that they start as the user, on the host.
  std::vector<std::string> programs = {"/usr/local/sbin",
                                       "/usr/local/bin",
                                       "/usr/sbin",
                                       "/usr/bin",
                                       "/sbin",
                                       "/bin",
                                       "/usr/libexec/apptainer/bin",
                                       "/usr/lib/apptainer/bin",
                                       "/usr/local/libexec/apptainer/bin",
                                       "/usr/libexec/singularity/bin",
                                       "/usr/local/libexec/singularity/bin"};
  std::string own;  ///< the directory of sifguard's own programs
};

/// kernel.yama.ptrace_scope; 0 if the kernel has no Yama.
[[nodiscard]] int yama_scope(const HardeningPlaces& places);

/// Whether fs.suid_dumpable makes execute-only programs traceable nevertheless.
[[nodiscard]] bool suid_dumpable(const HardeningPlaces& places);

/// The programs that run for a user outside the container and that the user can read: the runtime,
/// those that it starts, and ours. Real paths, sorted, each once. Setuid programs are left out,
/// because they are never dumpable.
[[nodiscard]] std::vector<std::string> traceable_programs(const std::string& runtime,
                                                          const HardeningPlaces& places);

/// Errors: Code::config, with the programs or the setting and what to do about it.
Status check_hardening(const std::string& runtime, const HardeningPlaces& places);

}  // namespace sifguard
