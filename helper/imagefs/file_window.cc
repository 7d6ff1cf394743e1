// A part of an open file as a source. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/file_window.h"

#include <sys/stat.h>

#include <cerrno>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr const char* kImage = "the encrypted image";

Result<std::uint64_t> size_of(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::no_input, "cannot read the image", errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::no_input, "the image is not a regular file");
  return static_cast<std::uint64_t>(st.st_size);
}

}  // namespace

Result<FileWindow> FileWindow::make(int fd, std::uint64_t offset, std::uint64_t size) {
  SG_TRY(const std::uint64_t whole, size_of(fd));
  if (offset > whole || size > whole - offset) {
    return fail(Code::refused, "the image ends before its file system does");
  }
  return FileWindow(fd, offset, size);
}

Result<FileWindow> FileWindow::whole(int fd) {
  SG_TRY(const std::uint64_t size, size_of(fd));
  return FileWindow(fd, 0, size);
}

Status FileWindow::read_within(std::uint64_t offset, std::span<std::byte> out) const {
  return pread_exact(fd_, out, offset_ + offset, kImage);
}

}  // namespace sifguard
