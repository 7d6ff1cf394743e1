// Asking sifguard-helper about one task. slurmstepd's forked task, root.
#include "spank_plugin/helper_client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "spank_plugin/helper_child.h"

namespace sifguard {
namespace {

constexpr long kMsPerS = 1000;
constexpr long kNsPerMs = 1000000;

/// What takes longer is told.
constexpr long kSlowMs = 2 * kMsPerS;

/// Between a helper's last word and its end, also on a node that is short of everything.
constexpr long kGraceMs = 20 * kMsPerS;

long now_ms() {
  struct timespec now {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kMsPerS + now.tv_nsec / kNsPerMs;
}

/// Waits until `fd` is ready for `events`; false past `end_ms`.
bool wait_for(int fd, short events, long end_ms) {
  for (;;) {
    const long left = end_ms - now_ms();
    if (left <= 0) return false;
    struct pollfd entry {
      fd, events, 0
    };
    const int ready = poll(&entry, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

/// False when the helper went away or the time is over; the answer, or its lack, tells which.
bool send_request(int fd, std::span<const char> request, long end_ms) {
  std::size_t sent = 0;
  while (sent < request.size()) {
    if (!wait_for(fd, POLLOUT, end_ms)) return false;
    const ssize_t done =
        send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (done > 0) sent += static_cast<std::size_t>(done);
  }
  return shutdown(fd, SHUT_WR) == 0;
}

enum class Received { whole, short_of_it, too_late };

/// What the helper says that it is doing, until `slow` has been told of it.
struct Doing {
  void (*slow)(const char*) noexcept;
  char what[sizeof wire::Answer::message] = "";
  long tell_ms = 0;

  void begin(const wire::Answer& progress) {
    memcpy(what, progress.message, sizeof what);
    tell_ms = now_ms() + kSlowMs;
  }
  [[nodiscard]] bool is_waiting() const { return slow != nullptr && what[0] != '\0'; }
  void tell() {
    slow(what);
    what[0] = '\0';
  }
};

/// As wait_for(), telling meanwhile what takes long.
bool wait_for_word(int fd, long end_ms, Doing& doing) {
  while (doing.is_waiting() && doing.tell_ms < end_ms) {
    if (wait_for(fd, POLLIN, doing.tell_ms)) return true;
    if (now_ms() < doing.tell_ms) return false;
    doing.tell();
  }
  return wait_for(fd, POLLIN, end_ms);
}

/// One message of the helper's.
Received receive(int fd, wire::Answer& answer, long end_ms, Doing& doing) {
  char* const bytes = reinterpret_cast<char*>(&answer);
  std::size_t got = 0;
  while (got < sizeof answer) {
    if (!wait_for_word(fd, end_ms, doing)) return Received::too_late;
    const ssize_t done = recv(fd, bytes + got, sizeof answer - got, MSG_DONTWAIT);
    if (done == 0) return Received::short_of_it;
    if (done < 0 && errno != EINTR && errno != EAGAIN) return Received::short_of_it;
    if (done > 0) got += static_cast<std::size_t>(done);
  }
  return Received::whole;
}

Received receive_answer(const HelperCall& call, int fd, wire::Answer& answer, long end_ms) {
  Doing doing{call.slow};
  for (;;) {
    const Received received = receive(fd, answer, end_ms, doing);
    if (received != Received::whole || !wire::is_progress(answer)) return received;
    doing.begin(answer);
  }
}

/// Reaps the helper, killing its session once `end_ms` passes. The wait status; -1 unknown.
int reap(pid_t helper, long end_ms) {
  timespec pause{0, kNsPerMs / 20};  // as a rule it is ending already
  int status = 0;
  for (;;) {
    const pid_t done = waitpid(helper, &status, WNOHANG);
    if (done == helper) return status;
    if (done < 0 && errno != EINTR) return -1;
    if (now_ms() >= end_ms) break;
    nanosleep(&pause, nullptr);
    if (pause.tv_nsec < 2 * kNsPerMs) pause.tv_nsec *= 2;
  }
  kill(-helper, SIGKILL);  // its own session; not there yet if it never came so far
  kill(helper, SIGKILL);
  while (waitpid(helper, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

/// Null, or why `path` is not a program to be started as root.
const char* program_problem(const char* path) {
  struct stat st {};
  if (stat(path, &st) != 0) return strerror(errno);
  if (!S_ISREG(st.st_mode)) return "not a regular file";
  if (st.st_uid != 0 && st.st_uid != geteuid()) return "not owned by root";
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "writable by others";
  if ((st.st_mode & S_IXUSR) == 0) return "not executable";
  return nullptr;
}

bool was_executed(int status) {
  return status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != kExecFailed;
}

void explain(const HelperCall& call, Received received, int status, wire::Answer& answer) {
  if (received == Received::too_late) {
    refuse(answer, wire::kExitTemporary, "helper %s did not answer in %ld s", call.helper,
           call.deadline_ms / kMsPerS);
  } else if (status >= 0 && WIFSIGNALED(status)) {
    refuse(answer, wire::kExitInternal, "helper %s was ended by signal %d", call.helper,
           WTERMSIG(status));
  } else if (!was_executed(status)) {
    refuse(answer, wire::kExitConfig, "helper %s cannot be started", call.helper);
  } else if (status != 0) {
    refuse(answer, wire::kExitInternal, "helper %s ended with status %d", call.helper,
           status > 0 ? WEXITSTATUS(status) : -1);
  } else {
    refuse(answer, wire::kExitInternal, "helper %s gave no valid answer", call.helper);
  }
}

bool talk(const HelperCall& call, wire::Answer& answer) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    refuse(answer, wire::kExitInternal, "cannot make a socket: %s", strerror(errno));
    return true;
  }
  const long end_ms = now_ms() + call.deadline_ms;
  const pid_t parent = getpid();
  const pid_t helper = fork();
  if (helper == 0) {
    become_helper({call.helper, call.verb, call.config, call.state, ends[1], parent});
  }
  const int fork_error = errno;
  close(ends[1]);
  if (helper < 0) {
    close(ends[0]);
    refuse(answer, wire::kExitTemporary, "cannot start a process: %s", strerror(fork_error));
    return true;
  }
  // A helper that stops reading may still have answered, so its answer is looked for in any case.
  (void)send_request(ends[0], call.request, end_ms);
  const Received received = receive_answer(call, ends[0], answer, end_ms);
  close(ends[0]);
  const int status = reap(helper, received == Received::too_late ? now_ms() : now_ms() + kGraceMs);
  const bool said = received == Received::whole && wire::answer_is_valid(answer);
  // Permission counts only from a helper that came to its proper end; a refusal always does.
  if (!said || (answer.exit_status == 0 && status != 0)) explain(call, received, status, answer);
  return said || was_executed(status);
}

}  // namespace

bool ask_helper(const HelperCall& call, wire::Answer& answer) noexcept {
  if (const char* problem = program_problem(call.helper)) {
    refuse(answer, wire::kExitConfig, "helper %s: %s", call.helper, problem);
    return false;
  }
  // An ignored SIGCHLD would take the helper's status away from us.
  struct sigaction standard {};
  struct sigaction before {};
  standard.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &standard, &before);
  const bool asked = talk(call, answer);
  sigaction(SIGCHLD, &before, nullptr);
  return asked;
}

void start_helper(const char* helper, const char* config, const char* verb) noexcept {
  if (program_problem(helper) != nullptr) return;
  const pid_t between = fork();
  if (between == 0) {
    if (fork() == 0) become_helper({helper, verb, config, nullptr, -1, 0});
    _exit(0);
  }
  while (between > 0 && waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Variadic as printf is: the compiler checks the arguments, and libc alone is needed.
void refuse(wire::Answer& answer, int exit_status,  // NOLINT(cert-dcl50-cpp)
            const char* format, ...) {
  answer = {wire::kAnswerMagic, wire::kVersion, exit_status, 0, {}};
  va_list values;
  va_start(values, format);
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is the line above
  (void)vsnprintf(answer.message, sizeof answer.message, format, values);
  va_end(values);
}

}  // namespace sifguard
