// Ends a server when its step has ended. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/owner_watch.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <latch>
#include <string_view>
#include <system_error>
#include <thread>

namespace sifguard {
namespace {

void sleep_for(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1'000'000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

[[noreturn]] void outlive_by_a_moment(int owner, int log) {
  constexpr std::string_view kLine =
      "sifguard-imagefs: its step has ended, and something still holds the image: it ends, too\n";
  struct pollfd ended = {owner, POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  sleep_for(kOwnerGraceMs);
  if (log >= 0) {
    const ssize_t ignored = ::write(log, kLine.data(), kLine.size());
    (void)ignored;
  }
  ::_exit(0);
}

}  // namespace

Status end_with(int owner, int log) {
  std::latch runs(1);
  try {
    std::thread([&runs, owner, log] {
      runs.count_down();
      outlive_by_a_moment(owner, log);
    }).detach();
  } catch (const std::system_error& error) {
    return fail_errno(Code::temporary, "cannot start a thread", error.code().value());
  }
  runs.wait();  // what it does before it runs, the filter may forbid
  return {};
}

}  // namespace sifguard
