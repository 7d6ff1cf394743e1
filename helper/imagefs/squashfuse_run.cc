// Runs squashfuse_ll in a sandbox. In `sifguard-squashfuse`, as a no-login account.
#include "helper/imagefs/squashfuse_run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "helper/imagefs/imagefs_sandbox.h"
#include "helper/imagefs/owner_watch.h"
#include "helper/imagefs/wire/squashfuse_wire.h"
#include "helper/process/forbidden_calls.h"
#include "helper/process/landlock.h"
#include "keystore/base/fd.h"
#include "keystore/base/forked_part.h"
#include "keystore/base/secret.h"

namespace sifguard {
namespace {

constexpr int kCannotStart = 69;
constexpr rlim_t kMemory = 4ULL << 30U;  // of addresses: it parses what others wrote
constexpr int kEndFd = 8;                ///< of the program: its end is that of the pipe

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The first component of an absolute path: a site may have it, and its libraries, anywhere.
std::string tree_of(const std::string& program) {
  return program.substr(0, program.find('/', 1));
}

std::string own_file(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

/// Returns only if it cannot.
int become(const SquashfuseOrder& order) {
  const struct rlimit memory = {kMemory, kMemory};
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || ::setrlimit(RLIMIT_AS, &memory) != 0) {
    return kCannotStart;
  }
  for (const int fd : {squashfuse_fd::kOwner, squashfuse_fd::kLog}) ::close(fd);
  std::string options = "offset=" + order.offset + ",uid=" + order.uid + ",gid=" + order.gid;
  std::string image = own_file(squashfuse_fd::kImage);
  std::string place =
      "/dev/fd/" + std::to_string(squashfuse_fd::kFuse);  // libfuse's word for a mounted one
  std::string program = order.program;
  std::string foreground = "-f";
  std::string with = "-o";
  std::array<char*, 7> argv = {program.data(), foreground.data(), with.data(), options.data(),
                               image.data(),   place.data(),      nullptr};
  std::string locale = "LC_ALL=C";
  std::array<char*, 2> environment = {locale.data(), nullptr};
  ::execve(program.c_str(), argv.data(), environment.data());
  return kCannotStart;
}

/// False when the owner ended first, and its grace after that.
bool ends_before_owner(int end) {
  std::array<struct pollfd, 2> events = {{{end, POLLIN, 0}, {squashfuse_fd::kOwner, POLLIN, 0}}};
  if (::fcntl(squashfuse_fd::kOwner, F_GETFD) < 0) events[1].fd = -1;
  while (::poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
  }
  if (events[0].revents != 0) return true;
  while (::poll(events.data(), 1, kOwnerGraceMs) < 0 && errno == EINTR) {
  }
  return events[0].revents != 0;
}

int status_of(pid_t child) {
  const auto status = wait_for_part(child);
  if (!status) return 70;
  return WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
}

void say_left() {
  constexpr std::string_view kLine =
      "sifguard-squashfuse: its step has ended, and something still holds the image: it ends, "
      "too\n";
  if (::write(squashfuse_fd::kLog, kLine.data(), kLine.size()) < 0) return;  // nobody hears it
}

}  // namespace

Result<SquashfuseOrder> parse_squashfuse_order(int argc, char** argv) {
  const bool good = argc == 5 && argv[1][0] == '/' && is_number(argv[2]) && is_number(argv[3]) &&
                    is_number(argv[4]);
  if (!good) return fail(Code::internal, "sifguard-squashfuse was started with wrong arguments");
  return SquashfuseOrder{argv[1], argv[2], argv[3], argv[4]};
}

Status enter_squashfuse_sandbox(const SquashfuseOrder& order) {
  SG_CHECK(harden_process());
  SG_CHECK(leave_users());
  const std::vector<std::string> read = {"/usr",
                                         "/bin",
                                         "/lib",
                                         "/lib64",
                                         "/etc/ld.so.cache",
                                         tree_of(order.program),
                                         own_file(squashfuse_fd::kImage)};
  SG_TRY([[maybe_unused]] const int landlock, keep_only({read, {}}));
  return forbid_reaching_out();
}

int run_squashfuse(const SquashfuseOrder& order) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return 70;
  // Not start_child(): here no process may leave its session any more, and this program's end must
  // be the other's.
  const pid_t child = fork_part([&] {
    ::dup2(ends[1], kEndFd);
    return become(order);
  });
  ::close(ends[1]);
  for (const int fd : {squashfuse_fd::kFuse, squashfuse_fd::kImage})
    ::close(fd);  // the connection ends with the program
  if (child < 0) return 70;
  if (ends_before_owner(ends[0])) return status_of(child);
  say_left();
  return 0;
}

}  // namespace sifguard
