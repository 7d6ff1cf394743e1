// Starting a child process: the one place that forks. Root in the helper, any uid in tests.
//
// A child gets an absolute path, an argv vector, a fresh environment, exactly the descriptors
// listed, `/` as its directory, its own session, and is killed when it outlives the deadline or
// its parent. After fork nothing allocates or throws.
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

/// How much of the system the child loses besides its identity.
struct Isolation {
  bool no_network = false;      ///< own, empty network namespace
  bool own_pids = false;        ///< own PID namespace (the child is its init) and IPC namespace
  std::string private_tmpfs;    ///< an existing directory to cover with a fresh 0700 tmpfs, owned
                                ///< by the identity, in the child's own mount namespace; or empty
  bool read_only_root = false;  ///< own mount namespace, everything else read-only
  std::uint64_t memory_bytes = 0;  ///< RLIMIT_AS; 0 = unlimited
  std::uint64_t file_bytes = 0;    ///< RLIMIT_FSIZE; 0 = unlimited
  unsigned processes = 0;          ///< RLIMIT_NPROC; 0 = unlimited
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
};

/// A running child; killed and reaped on destruction unless waited for.
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

 private:
  friend Result<Child> start_child(const ChildSpec& spec);
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
};

/// Returns once the program is executing. Errors: Code::unavailable when it cannot be executed,
/// Code::internal or temporary when the child could not be set up (in time).
[[nodiscard]] Result<Child> start_child(const ChildSpec& spec);

/// Reads to the end of `fd` before the deadline, at most `limit` bytes.
[[nodiscard]] Result<std::string> read_until(int fd, std::size_t limit, std::int64_t deadline_ms,
                                             std::string_view what);

}  // namespace sifguard
