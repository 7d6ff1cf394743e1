// A user namespace that represents a mapping of ids and contains no process. Root.
#include "helper/mount/user_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace sifguard {
namespace {

[[noreturn]] void wait_to_be_killed() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  for (;;) ::pause();
}

/// A process that waits in a user namespace of its own; ends with its owner.
class Holder {
 public:
  Holder()
      : pid_(static_cast<pid_t>(
            ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr))) {
    if (pid_ == 0) wait_to_be_killed();
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  [[nodiscard]] bool valid() const noexcept { return pid_ > 0; }
  [[nodiscard]] std::string file(const char* name) const {
    return "/proc/" + std::to_string(pid_) + "/" + name;
  }

 private:
  pid_t pid_;
};

Status write_map(const std::string& file, unsigned id) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(Code::internal, "cannot open " + file, errno);
  return write_all(fd.get(), "0 " + std::to_string(id) + " 1\n", file);
}

}  // namespace

Result<UniqueFd> user_namespace_of(uid_t uid, gid_t gid) {
  const Holder holder;
  if (!holder.valid()) return fail_errno(Code::config, "the node allows no user namespace", errno);
  SG_CHECK(write_map(holder.file("uid_map"), uid));
  SG_CHECK(write_map(holder.file("gid_map"), gid));
  UniqueFd space(::open(holder.file("ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  if (!space.valid()) return fail_errno(Code::internal, "cannot open a user namespace", errno);
  return space;
}

}  // namespace sifguard
