// Owned file descriptors and complete reads and writes. Any process, any privilege.
#include "keystore/base/fd.h"
#include "keystore/base/lack.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace sifguard {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void UniqueFd::reset() noexcept {
  if (fd_ >= 0) {
    const int saved = errno;  // a destructor must not disturb the error being reported
    ::close(fd_);
    errno = saved;
    fd_ = -1;
  }
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail_errno(Code::temporary, "cannot make a pipe", errno);
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Status write_all(int fd, std::span<const std::byte> data, std::string_view what) {
  while (!data.empty()) {
    const ssize_t done = ::write(fd, data.data(), data.size());
    if (done < 0) {
      if (errno == EINTR) continue;
      return fail_errno(Code::internal, "cannot write " + std::string(what), errno,
                        remedy_for_room(errno));
    }
    data = data.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Status write_all(int fd, std::string_view data, std::string_view what) {
  return write_all(fd, as_bytes(data), what);
}

Status pread_exact(int fd, std::span<std::byte> data, std::uint64_t offset, std::string_view what) {
  while (!data.empty()) {
    const ssize_t done = ::pread(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (done < 0) {
      if (errno == EINTR) continue;
      return fail_errno(Code::no_input, "cannot read " + std::string(what), errno);
    }
    if (done == 0) return fail(Code::refused, std::string(what) + " is truncated");
    data = data.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

Result<std::string> read_to_end(int fd, std::size_t limit, std::string_view what) {
  std::string text;
  std::array<char, 16384> chunk;
  for (;;) {
    const ssize_t done = ::read(fd, chunk.data(), chunk.size());
    if (done < 0) {
      if (errno == EINTR) continue;
      return fail_errno(Code::no_input, "cannot read " + std::string(what), errno);
    }
    if (done == 0) return text;
    if (text.size() + static_cast<std::size_t>(done) > limit) {
      return fail(Code::refused,
                  std::string(what) + " is larger than " + std::to_string(limit) + " bytes");
    }
    text.append(chunk.data(), static_cast<std::size_t>(done));
  }
}

}  // namespace sifguard
