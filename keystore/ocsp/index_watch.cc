// How an unprivileged responder sees the index of the CA change.
#include "keystore/ocsp/index_watch.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "keystore/store/authority_store.h"
#include "keystore/store/older_names.h"

namespace sifguard {
namespace {

constexpr int kLookEveryMs = 1000;
constexpr char kNew = 'i';

/// What tells two versions of a replaced file apart.
struct Version {
  dev_t device;
  ino_t inode;
  off_t size;
  std::int64_t seconds, nanoseconds;
  bool operator==(const Version&) const = default;
};

std::optional<Version> version_of(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return std::nullopt;
  return Version{st.st_dev, st.st_ino, st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
}

/// A byte, and room for a descriptor.
struct Message {
  Message() noexcept {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  char word = 0;
  iovec part{&word, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
};

Status send_descriptor(int channel, int fd) {
  Message message;
  message.word = kNew;
  cmsghdr* const header = CMSG_FIRSTHDR(&message.header);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (::sendmsg(channel, &message.header, MSG_NOSIGNAL) != 1) {
    return fail_errno(Code::internal, "cannot hand the index on", errno);
  }
  return {};
}

/// Waits; true when the other side is gone.
bool is_gone(int channel) {
  pollfd one{channel, POLLRDHUP, 0};
  const int events = ::poll(&one, 1, kLookEveryMs);
  return events > 0 && (one.revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0;
}

}  // namespace

Status send_index_changes(int channel, const std::string& path, Trust trust) {
  std::optional<Version> last;
  do {
    auto file = open_trusted_file(path, trust);
    if (!file) file = open_trusted_file(older_name(path), trust);
    if (!file) continue;  // the responder goes on with what it has
    const auto version = version_of(file->get());
    if (!version || version == last) continue;
    if (!send_descriptor(channel, file->get())) break;
    last = version;
  } while (!is_gone(channel));
  return {};
}

Result<std::string> receive_index(int channel) {
  Message message;
  const ssize_t got = ::recvmsg(channel, &message.header, MSG_CMSG_CLOEXEC);
  if (got <= 0) return fail(Code::unavailable, "the process that watches the keystore is gone");
  const cmsghdr* const header = CMSG_FIRSTHDR(&message.header);
  if (message.word != kNew || header == nullptr || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(sizeof(int))) {
    return fail(Code::refused, "no index was handed on");
  }
  int raw = -1;
  std::memcpy(&raw, CMSG_DATA(header), sizeof raw);
  const UniqueFd fd(raw);
  return read_to_end(fd.get(), kMaxCaIndex, "the index of the CA");
}

}  // namespace sifguard
