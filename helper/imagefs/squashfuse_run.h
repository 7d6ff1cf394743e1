// Runs squashfuse_ll, a program of the distribution that parses the image's file system, in a
// sandbox. In `sifguard-squashfuse`, as a no-login account in namespaces of its own.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

struct SquashfuseOrder {
  std::string program;  ///< absolute
  std::string offset, uid, gid;
};

/// Errors: Code::internal for arguments that are not those of squashfuse_wire.h.
[[nodiscard]] Result<SquashfuseOrder> parse_squashfuse_order(int argc, char** argv);

/// From here on this process and its children have no rights in the node's user namespace (if the
/// node allows others), can open nothing but programs, libraries and the image (if the kernel has
/// Landlock), and cannot make the system calls of forbid_reaching_out(). Errors: Code::internal,
/// Code::config.
Status enter_squashfuse_sandbox(const SquashfuseOrder& order);

/// Starts squashfuse_ll and waits until it has ended or kOwnerGraceMs have passed since its owner
/// ended; it ends with this process in any case. 0 when its file system was unmounted or its owner
/// has ended.
[[nodiscard]] int run_squashfuse(const SquashfuseOrder& order);

}  // namespace sifguard
