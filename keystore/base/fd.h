// Owned file descriptors and complete reads and writes. Any process, any privilege.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "keystore/base/error.h"

namespace sifguard {

/// Owns one descriptor and closes it once. Move-only; -1 when empty.
class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// A pipe, both ends close-on-exec.
[[nodiscard]] Result<Pipe> make_pipe();

/// Writes all of `data`, retrying short writes and EINTR. Errors: temporary for ENOSPC/EDQUOT,
/// internal otherwise. `what` names the target in the error.
Status write_all(int fd, std::span<const std::byte> data, std::string_view what);
Status write_all(int fd, std::string_view data, std::string_view what);

/// Reads exactly data.size() bytes at `offset`; an early end is Code::refused ("is truncated").
Status pread_exact(int fd, std::span<std::byte> data, std::uint64_t offset, std::string_view what);

/// Reads to the end of file, at most `limit` bytes; one byte more is Code::refused.
[[nodiscard]] Result<std::string> read_to_end(int fd, std::size_t limit, std::string_view what);

/// Read-only view of characters as bytes and back; no copy.
[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace sifguard
