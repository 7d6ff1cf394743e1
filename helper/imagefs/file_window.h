// A part of an open file as a source. In the sandbox of `sifguard-imagefs`; it reads with pread
// alone.
#pragma once

#include "helper/imagefs/block_source.h"

namespace sifguard {

class FileWindow : public BlockSource {
 public:
  /// `size` bytes of `fd` from `offset` on. The caller keeps `fd`, which must outlive the window.
  /// Errors: Code::no_input if it is not a regular file, Code::refused if it ends earlier.
  [[nodiscard]] static Result<FileWindow> make(int fd, std::uint64_t offset, std::uint64_t size);
  /// All of `fd`.
  [[nodiscard]] static Result<FileWindow> whole(int fd);

  FileWindow(FileWindow&& other) noexcept
      : fd_(other.fd_), offset_(other.offset_), size_(other.size_) {}
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

 private:
  FileWindow(int fd, std::uint64_t offset, std::uint64_t size)
      : fd_(fd), offset_(offset), size_(size) {}
  Status read_within(std::uint64_t offset, std::span<std::byte> out) const override;

  int fd_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

}  // namespace sifguard
