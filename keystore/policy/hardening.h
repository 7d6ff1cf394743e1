// Whether a user's contained processes can take over what runs for him outside the container. Any
// privilege; looks at modes and kernel settings, starts nothing.
//
// With a setuid runtime nothing but the uid stands between a container and the host: the kernel
// lets a process trace, read and stop-and-read any other of the same uid that is dumpable, and a
// traced runtime executes what the tracer likes, on the host. Two things prevent it. A process that
// executes a file which its user cannot read is not dumpable (and fs.suid_dumpable = 1 undoes just
// that). Or kernel.yama.ptrace_scope is 1 or more: then nobody traces but his own descendants,
// though what is dumpable can still be looked at through /proc.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Where to look; the defaults are the node's.
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

/// kernel.yama.ptrace_scope; 0 where the kernel has no Yama.
[[nodiscard]] int yama_scope(const HardeningPlaces& places);

/// Whether fs.suid_dumpable makes execute-only programs traceable all the same.
[[nodiscard]] bool suid_dumpable(const HardeningPlaces& places);

/// The programs that run for a user outside his container and that he can read: the runtime, those
/// that it starts, and ours. Real paths, sorted, each once. A setuid program is never dumpable.
[[nodiscard]] std::vector<std::string> traceable_programs(const std::string& runtime,
                                                          const HardeningPlaces& places);

/// Errors: Code::config, with the programs or the setting and what to do about it.
Status check_hardening(const std::string& runtime, const HardeningPlaces& places);

}  // namespace sifguard
