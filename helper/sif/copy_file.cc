// Copying an open file into another, as quickly as the file system can. With the caller's rights.
#include "helper/sif/copy_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "keystore/base/fd.h"
#include "keystore/base/lack.h"

namespace sifguard::sif {
namespace {

constexpr std::size_t kStep = std::size_t{16} << 20U;
constexpr std::size_t kBuffer = std::size_t{1} << 20U;
constexpr std::size_t kMaxAttribute = 65536;  // of Linux, for names and for values

tl::unexpected<Error> cannot_copy(const std::string& shown, int error) {
  return fail_errno(Code::cannot_write, "cannot copy " + shown, error, remedy_for_room(error));
}

/// One step in user space, for file systems between which the kernel does not copy.
Result<std::size_t> read_and_write(int from, int to, std::uint64_t offset, std::size_t size,
                                   std::vector<std::byte>& buffer, const std::string& shown) {
  buffer.resize(std::min(size, kBuffer));
  const ssize_t got = ::pread(from, buffer.data(), buffer.size(), static_cast<off_t>(offset));
  if (got < 0 && errno == EINTR) return std::size_t{0};
  if (got < 0) return fail_errno(Code::no_input, "cannot read " + shown, errno);
  if (got == 0) return fail(Code::no_input, shown + " became shorter while it was copied");
  const auto part = std::span(buffer).first(static_cast<std::size_t>(got));
  for (std::size_t done = 0; done < part.size();) {
    const ssize_t put =
        ::pwrite(to, part.data() + done, part.size() - done, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return cannot_copy(shown, errno);
    done += static_cast<std::size_t>(put);
  }
  return part.size();
}

/// What copy_file_range() says when it cannot, rather than when something is wrong.
bool is_unsupported(int error) {
  return error == EXDEV || error == ENOSYS || error == EOPNOTSUPP || error == EINVAL ||
         error == EBADF || error == EPERM || error == ETXTBSY;
}

}  // namespace

Status copy_file(int from, int to, std::uint64_t size, const std::string& shown,
                 const std::function<void(std::uint64_t)>& on_copied) {
  const auto tell = [&](std::uint64_t bytes) {
    if (on_copied) on_copied(bytes);
  };
  if (::ioctl(to, FICLONE, from) == 0) {
    tell(size);
    return {};
  }
  // Not all file systems can reserve space; those that can tell now, not after an hour.
  if (size > 0 && ::fallocate(to, 0, 0, static_cast<off_t>(size)) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
    return cannot_copy(shown, errno);
  }
  bool in_kernel = true;
  std::vector<std::byte> buffer;
  for (std::uint64_t done = 0; done < size;) {
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(kStep, size - done));
    std::size_t copied = 0;
    if (in_kernel) {
      auto in = static_cast<off_t>(done);
      auto out = static_cast<off_t>(done);
      const ssize_t moved = ::copy_file_range(from, &in, to, &out, step, 0);
      if (moved < 0 && errno == EINTR) continue;
      if (moved < 0 && !is_unsupported(errno)) return cannot_copy(shown, errno);
      in_kernel = moved > 0;  // 0: at the end, or a file system that only pretends
      copied = moved > 0 ? static_cast<std::size_t>(moved) : 0;
    } else {
      SG_TRY(copied, read_and_write(from, to, done, step, buffer, shown));
    }
    done += copied;
    tell(copied);
  }
  return {};
}

Status copy_extended_attributes(int from, int to, const std::string& shown) {
  std::vector<char> names(kMaxAttribute);
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  if (length <= 0) return {};
  std::vector<char> value(kMaxAttribute);
  const char* const end = names.data() + length;
  for (const char* name = names.data(); name < end; name += std::strlen(name) + 1) {
    const ssize_t size = ::fgetxattr(from, name, value.data(), value.size());
    if (size < 0) continue;
    if (::fsetxattr(to, name, value.data(), static_cast<std::size_t>(size), 0) != 0 &&
        (errno == ENOSPC || errno == EDQUOT)) {
      return cannot_copy(shown, errno);
    }
  }
  return {};
}

}  // namespace sifguard::sif
