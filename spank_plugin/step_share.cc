// What the tasks of a step on one node share. slurmstepd and its forked tasks, root.
#include "spank_plugin/step_share.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "spank_plugin/helper_client.h"

namespace sifguard {
namespace {

enum State : std::uint32_t { kNobody = 0, kAsking, kAnswered };

/// At the beginning of the shared memory; the first task's request follows.
struct Shared {
  std::uint32_t state;
  std::uint32_t request_size;
  wire::Answer answer;
  View view;
};

int g_memory = -1;
int g_sockets[2] = {-1, -1};
int g_error = 0;  // of make_share()

// Too large for a stack that is not ours.
constinit Shared g_shared{};
constinit char g_request[wire::kMaxMessage];

/// Off the numbers of stdin, stdout and stderr, which Slurm sets up later.
int keep(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  close(fd);
  errno = error;
  return moved;
}

void drop(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

bool lock(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  while (fcntl(g_memory, F_SETLKW, &range) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

bool read_at(void* data, std::size_t size, off_t offset) {
  return pread(g_memory, data, size, offset) == static_cast<ssize_t>(size);
}

bool write_at(const void* data, std::size_t size, off_t offset) {
  return pwrite(g_memory, data, size, offset) == static_cast<ssize_t>(size);
}

bool set_state(State state) {
  g_shared.state = state;
  return write_at(&g_shared.state, sizeof g_shared.state, 0);
}

struct Message {
  char byte = 0;
  struct iovec piece {
    &byte, 1
  };
  alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  struct msghdr header {};
  Message() {
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
};

/// Leaves a descriptor of our namespace in the socket.
bool leave_namespace() {
  const int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (mounts < 0) return false;
  Message message;
  struct cmsghdr* const item = CMSG_FIRSTHDR(&message.header);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN(sizeof mounts);
  memcpy(CMSG_DATA(item), &mounts, sizeof mounts);
  const bool sent = sendmsg(g_sockets[0], &message.header, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
  const int error = errno;
  close(mounts);
  errno = error;
  return sent;
}

/// A copy of it; the message stays for the next.
int find_namespace() {
  Message message;
  if (recvmsg(g_sockets[1], &message.header, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1) {
    return -1;
  }
  const struct cmsghdr* const item = CMSG_FIRSTHDR(&message.header);
  if (item == nullptr || item->cmsg_type != SCM_RIGHTS || item->cmsg_len != CMSG_LEN(sizeof(int))) {
    errno = EBADMSG;
    return -1;
  }
  int mounts = -1;
  memcpy(&mounts, CMSG_DATA(item), sizeof mounts);
  return mounts;
}

bool join_namespace(const View& wanted, View& view) {
  const int mounts = find_namespace();
  if (mounts < 0) return false;
  const bool joined = setns(mounts, CLONE_NEWNS) == 0;
  const int error = errno;
  close(mounts);
  errno = error;
  if (!joined || !look_around(view)) return false;
  errno = ESTALE;
  return view == wanted;
}

/// With the message of `error`, an errno value, unless it is 0.
Turn fail(wire::Answer& answer, const char* what, int error = 0) {
  refuse(answer, wire::kExitInternal, "%s%s%s", what, error == 0 ? "" : ": ",
         error == 0 ? "" : strerror(error));
  return Turn::failed;
}

/// What the first task left, if it is for the same request.
Turn take_answer(std::span<const char> request, wire::Answer& answer, View& view) {
  if (!read_at(&g_shared, sizeof g_shared, 0) || g_shared.request_size > sizeof g_request ||
      !read_at(g_request, g_shared.request_size, sizeof g_shared) ||
      !wire::answer_is_valid(g_shared.answer)) {
    return fail(answer, "the step's memory on this node is damaged");
  }
  if (g_shared.request_size != request.size() ||
      memcmp(g_request, request.data(), request.size()) != 0) {
    return fail(answer, "Slurm tells the tasks of one step apart");
  }
  answer = g_shared.answer;
  if (answer.exit_status != 0) return Turn::refused;
  if (join_namespace(g_shared.view, view)) return Turn::joined;
  return fail(answer, "cannot join the step's mount namespace", errno);
}

}  // namespace

bool look_around(View& view) noexcept {
  struct stat mounts {};
  struct stat root {};
  if (stat("/proc/self/ns/mnt", &mounts) != 0 || stat("/", &root) != 0) return false;
  view = {{mounts.st_dev, mounts.st_ino}, {root.st_dev, root.st_ino}};
  return true;
}

void make_share() noexcept {
  drop(g_memory);
  drop(g_sockets[0]);
  drop(g_sockets[1]);
  g_error = 0;
  int sockets[2] = {-1, -1};
  g_memory = keep(memfd_create("sifguard-step", MFD_CLOEXEC));
  if (g_memory < 0 || socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    g_error = errno;
    return;
  }
  g_sockets[0] = keep(sockets[0]);
  g_sockets[1] = keep(sockets[1]);
  if (g_sockets[0] < 0 || g_sockets[1] < 0) g_error = errno;
}

Turn take_turn(std::span<const char> request, wire::Answer& answer, View& view) noexcept {
  if (g_memory < 0 || g_error != 0) {
    return fail(answer, "the step's tasks cannot wait for each other",
                g_error == 0 ? EBADF : g_error);
  }
  if (!lock(F_WRLCK)) return fail(answer, "cannot wait for the step's first task", errno);
  std::uint32_t state = kNobody;
  // Fresh memory is empty.
  if (pread(g_memory, &state, sizeof state, 0) == 0 && set_state(kAsking)) return Turn::first;
  const Turn turn = state == kAnswered
                        ? take_answer(request, answer, view)
                        : fail(answer, "the task that prepared this step was killed");
  (void)lock(F_UNLCK);
  return turn;
}

void give_answer(std::span<const char> request, wire::Answer& answer, const View& view) noexcept {
  if (answer.exit_status == 0 && !leave_namespace()) {
    refuse(answer, wire::kExitInternal, "cannot share the step's mount namespace: %s",
           strerror(errno));
  }
  g_shared = {kAsking, static_cast<std::uint32_t>(request.size()), answer, view};
  if (!write_at(&g_shared, sizeof g_shared, 0) ||
      !write_at(request.data(), request.size(), sizeof g_shared) || !set_state(kAnswered)) {
    refuse(answer, wire::kExitTemporary, "no memory for the step's answer: %s", strerror(errno));
  }
  (void)lock(F_UNLCK);
}

}  // namespace sifguard
