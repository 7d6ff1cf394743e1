// What a forked child does between fork and exec. It starts with our privilege and ends with less.
//
// Everything here is async-signal-safe: it makes system calls on memory that was prepared before
// the fork, and nothing allocates, locks or throws. A failed step is written to the error pipe and
// ends the child.
#pragma once

#include <cstddef>
#include <cstdint>

#include "keystore/base/child.h"
#include "keystore/base/child_mounts.h"

namespace sifguard {

/// The step that failed, as sent through the error pipe with its errno.
enum class SetupStep : std::int32_t {
  session,
  network,
  processes,
  mounts,
  restriction,
  home,
  limits,
  descriptors,
  identity,
  privileges,
  exec
};

struct SetupFailure {
  SetupStep step;
  std::int32_t error;
};

/// Pointers into memory that outlives the fork.
struct PreparedChild {
  const ChildSpec* spec = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const MountPoint* mount_points = nullptr;  ///< only for kernels without mount_setattr()
  std::size_t mount_count = 0;
  int error_fd = -1;
};

/// Whether `error`, of clone() or unshare(), means that the node does not allow such a namespace,
/// and not that a resource is short at the moment.
[[nodiscard]] bool is_namespace_refusal(int error) noexcept;

[[noreturn]] void become_child(const PreparedChild& prepared) noexcept;

}  // namespace sifguard
