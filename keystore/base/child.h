// Starting a program in a child process: the one place that does. Root in the helper, the admin in
// sifctl, any uid in tests.
//
// A child gets an absolute path, an argv vector, a fresh environment, exactly the descriptors
// listed, `/` as its directory, its own session, and is killed when it outlives the deadline or,
// unless it is let go, its parent; one in the foreground keeps more (below). After fork nothing
// allocates or throws.
//
// Who starts programs elsewhere: the plugin, which links the C library alone; the launcher and
// `ca ocsp serve`, which become the program. sifguard-ocspd and the probe of walls fork, but run no
// program.
// New namespaces need root: a caller without it asks for none.
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

/// What becomes of a child where the node does not give it a namespace (a limit in
/// /proc/sys/user/max_…_namespaces, a system call filter, a kernel without).
enum class Namespace : std::uint8_t {
  ours,      ///< none is asked for
  if_given,  ///< it starts all the same: what runs in it shuts the same door by itself
  must       ///< it is not started: Code::config
};

/// How much of the system the child loses besides its identity.
struct Isolation {
  Namespace network = Namespace::ours;    ///< an empty network namespace
  Namespace processes = Namespace::ours;  ///< PID (the child is its init) and IPC namespace
  Namespace mounts = Namespace::ours;  ///< mount namespace: all is read-only, and /proc shows the
                                       ///< processes of the child's namespace or user alone
  std::string scratch;  ///< an existing directory, covered with fresh memory in a mount namespace
                        ///< of the child's own; or empty
  std::string home;     ///< made for the identity alone, directly in `scratch`; the caller's to
                        ///< remove, since without a mount namespace it stays there; or empty
  std::uint64_t memory_bytes = 0;  ///< RLIMIT_AS; 0 = unlimited
  std::uint64_t file_bytes = 0;    ///< RLIMIT_FSIZE; 0 = unlimited
  unsigned processes_at_most = 0;  ///< RLIMIT_NPROC; 0 = unlimited
  bool locks_memory = false;       ///< RLIMIT_MEMLOCK is lifted, as far as we may
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
  /// A part of this command, at its terminal: it has our session, process group, directory, umask
  /// and 0, 1, 2 unless listed in `fds`, ignores the signals that we ignore, and may outlive us.
  bool in_foreground = false;
};

/// For Child::wait(): however long it takes.
inline constexpr std::int64_t kNoDeadline = INT64_MAX;

/// A running child; killed and reaped on destruction unless waited for.
///
/// Signals go to the process itself by its handle (Linux 5.3; before, by its number), and by number
/// to its session only while it is not reaped: a number is nobody else's until then.
class Child {
 public:
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The wait status, or Code::temporary when `deadline_ms` (CLOCK_MONOTONIC, from
  /// monotonic_ms()) passes: the child is then killed with its group and reaped.
  [[nodiscard]] Result<int> wait(std::int64_t deadline_ms);
  /// Waits for its end for seconds only: a killed process can hang in a filesystem's hands.
  void kill_and_reap() noexcept;
  /// From here on it runs until it ends by itself; init reaps it once we have ended. Its handle
  /// (pidfd_open(2)), empty before Linux 5.3.
  [[nodiscard]] UniqueFd let_go() && noexcept;

 private:
  friend Result<Child> start_child(const ChildSpec& spec);
  explicit Child(pid_t pid);
  [[nodiscard]] bool ended_before(std::int64_t deadline_ms) const noexcept;
  void kill_session() const noexcept;
  pid_t pid_ = -1;
  UniqueFd handle_;  ///< empty where the kernel has none
};

/// Returns once the program is executing. Errors: Code::unavailable when it cannot be executed,
/// Code::config when the node refuses a namespace that it must have, Code::internal or temporary
/// when the child could not be set up (in time). A parent that ignores SIGCHLD no longer does: it
/// would not be told the status.
[[nodiscard]] Result<Child> start_child(const ChildSpec& spec);

/// Waits for `fd` to be readable or at its end; for the handle of a process: for it to have ended.
/// False when the deadline (monotonic_ms()) came first.
[[nodiscard]] bool ready_before(int fd, std::int64_t deadline_ms) noexcept;

/// Reads to the end of `fd` before the deadline, at most `limit` bytes.
[[nodiscard]] Result<std::string> read_until(int fd, std::size_t limit, std::int64_t deadline_ms,
                                             std::string_view what);

}  // namespace sifguard
