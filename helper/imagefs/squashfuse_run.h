// Running squashfuse_ll, a program of the distribution's that parses the image's file system, in
// walls. In `sifguard-squashfuse`, as a no-login account in namespaces of its own.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

struct SquashfuseOrder {
  std::string program;  ///< absolute
  std::string offset, uid, gid;
};

/// Errors: Code::internal for other arguments than squashfuse_wire.h has.
[[nodiscard]] Result<SquashfuseOrder> parse_squashfuse_order(int argc, char** argv);

/// From here on this process, and what it starts, has no rights in the node's user namespace where
/// it gives others, can open nothing but programs, libraries and the image where the kernel has
/// Landlock, and makes no system call of forbid_reaching_out(). Errors: Code::internal,
/// Code::config.
Status enter_squashfuse_sandbox(const SquashfuseOrder& order);

/// Starts it, and waits until it has ended or its owner's grace is over; it ends with this process
/// in any case. 0 when its file system was unmounted, or its owner has ended.
[[nodiscard]] int run_squashfuse(const SquashfuseOrder& order);

}  // namespace sifguard
