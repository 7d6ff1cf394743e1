// Starts a program in a child process; no other code does so. Root in the helper, the admin in
// sifctl, any uid in tests.
//
// A child gets an absolute path, an argv vector, a fresh environment, exactly the descriptors
// listed, `/` as its directory, its own session, and is killed at the deadline or, unless it is let
// go, when its parent ends; a child in the foreground keeps more (below). After fork nothing
// allocates or throws.
//
// Exceptions: the plugin, which links the C library alone, starts the helper; the launcher and `ca
// ocsp serve` become the program; sifguard-squashfuse has lost what this needs when it starts one.
// forked_part.h is for a second process that runs no other program. New namespaces require root:
// other callers ask for none.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keystore/base/clock.h"
#include "keystore/base/fd.h"

namespace sifguard {

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary groups, set exactly
};

/// What happens if the node does not allow a namespace (a limit in /proc/sys/user/max_…_namespaces,
/// a system call filter, a kernel without).
enum class Namespace : std::uint8_t {
  ours,      ///< no new one
  if_given,  ///< it starts without: its program prevents the same by other means
  must       ///< it does not start: Code::config
};

/// How much of the system the child loses besides its identity.
struct Isolation {
  Namespace network = Namespace::ours;    ///< an empty network namespace
  Namespace processes = Namespace::ours;  ///< PID (the child is its init) and IPC namespace
  Namespace mounts =
      Namespace::ours;  ///< mount namespace: everything is read-only, and /proc shows only the
                        ///< processes of the child's namespace or user
  std::string scratch;  ///< an existing directory on which an empty memory file system is mounted,
                        ///< in a mount namespace of the child's own; or empty
  std::string home;  ///< made for the identity alone, directly in `scratch`; the caller removes it,
                     ///< because without a mount namespace it stays there; or empty
  std::uint64_t memory_bytes = 0;  ///< RLIMIT_AS; 0 = unlimited
  std::uint64_t file_bytes = 0;    ///< RLIMIT_FSIZE; 0 = unlimited
  unsigned processes_at_most = 0;  ///< RLIMIT_NPROC; 0 = unlimited
  bool locks_memory = false;       ///< RLIMIT_MEMLOCK is raised, as far as permitted
};

struct ChildSpec {
  std::string program;                   ///< absolute
  std::vector<std::string> argv;         ///< argv[0] included
  std::vector<std::string> environment;  ///< NAME=VALUE
  struct PassedFd {
    int from;
    int to;
  };
  std::vector<PassedFd> fds;         ///< 0, 1, 2 are /dev/null unless listed here
  std::optional<Identity> identity;  ///< absent: keep ours
  Isolation isolation;
  bool outlives_us = false;  ///< it is not killed when we end: see Child::let_go()
  /// The child is a part of this command, at its terminal: it has our session, process group,
  /// directory, umask and descriptors 0, 1, 2 unless listed in `fds`, ignores the signals that we
  /// ignore, and may outlive us.
  bool in_foreground = false;
};

/// For Child::wait(): no limit.
inline constexpr std::int64_t kNoDeadline = INT64_MAX;

/// A running child; killed and reaped on destruction unless waited for.
///
/// The process itself is signalled by its pidfd (before Linux 5.3 by its number), and its session
/// by number only before it is reaped, because until then the number cannot be reused.
class Child {
 public:
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The wait status, or Code::temporary when `deadline_ms` (CLOCK_MONOTONIC, from
  /// monotonic_ms()) passes: the child is then killed with its group and reaped.
  [[nodiscard]] Result<int> wait(std::int64_t deadline_ms);
  /// Waits for its end for a few seconds only, because a killed process can hang in a file system.
  void kill_and_reap() noexcept;
  /// From here on the child runs until it ends by itself; init reaps it when we have ended. Returns
  /// its pidfd, which is empty before Linux 5.3.
  [[nodiscard]] UniqueFd let_go() && noexcept;

 private:
  friend Result<Child> start_child(const ChildSpec& spec);
  explicit Child(pid_t pid);
  [[nodiscard]] bool ended_before(std::int64_t deadline_ms) const noexcept;
  void kill_session() const noexcept;
  pid_t pid_ = -1;
  UniqueFd handle_;  ///< its pidfd; empty where the kernel has none
};

/// Returns once the program is executing. Errors: Code::unavailable when it cannot be executed,
/// Code::config when the node refuses a namespace that the child must have, Code::internal or
/// temporary when the child could not be set up (in time). If this process ignores SIGCHLD, that is
/// reset, because it would not get the child's status.
[[nodiscard]] Result<Child> start_child(const ChildSpec& spec);

/// Waits until `fd` is readable or at its end; if it is a pidfd, until the process has ended. False
/// when the deadline (monotonic_ms()) came first.
[[nodiscard]] bool ready_before(int fd, std::int64_t deadline_ms) noexcept;

/// Reads to the end of `fd` before the deadline, at most `limit` bytes.
[[nodiscard]] Result<std::string> read_until(int fd, std::size_t limit, std::int64_t deadline_ms,
                                             std::string_view what);

}  // namespace sifguard
