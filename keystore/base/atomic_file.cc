// Durable, all-or-nothing changes to files, and the lock under which they are made.
// The caller's privilege; nothing here raises it.
#include "keystore/base/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "keystore/base/clock.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/in_place.h"
#include "keystore/base/lock_holders.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

Result<std::string> temporary_name(const std::string& name) {
  std::array<std::byte, 8> noise{};
  if (::getrandom(noise.data(), noise.size(), 0) != static_cast<ssize_t>(noise.size())) {
    return fail_errno(Code::internal, "cannot get random bytes", errno);
  }
  return "." + name + "." + to_hex(noise) + ".tmp";
}

enum class Durable { yes, no };

Status fill(int fd, std::span<const std::byte> content, mode_t mode, Durable durable,
            std::string_view shown) {
  SG_CHECK(write_all(fd, content, shown));
  if (::fchmod(fd, mode) != 0) {
    return fail_errno(Code::internal, "cannot set the mode of " + std::string(shown), errno);
  }
  if (durable == Durable::yes && ::fsync(fd) != 0) {
    return fail_errno(Code::temporary, "cannot make durable " + std::string(shown), errno);
  }
  return {};
}

Status replace(int directory_fd, const std::string& name, std::span<const std::byte> content,
               mode_t mode, Durable durable, std::string_view shown) {
  SG_TRY(const std::string temporary, temporary_name(name));
  const UniqueFd fd(::openat(directory_fd, temporary.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return fail_errno(Code::config, "cannot create a file beside " + std::string(shown), errno);
  }
  auto filled = fill(fd.get(), content, mode, durable, shown);
  if (filled && ::renameat(directory_fd, temporary.c_str(), directory_fd, name.c_str()) != 0) {
    filled = fail_errno(Code::internal, "cannot rename into " + std::string(shown), errno);
  }
  if (!filled) {
    ::unlinkat(directory_fd, temporary.c_str(), 0);
    return filled;
  }
  return durable == Durable::yes ? sync_change(directory_fd, shown) : Status{};
}

}  // namespace

Status replace_file(int directory_fd, const std::string& name, std::span<const std::byte> content,
                    mode_t mode, std::string_view shown) {
  return replace(directory_fd, name, content, mode, Durable::yes, shown);
}

Status replace_fleeting_file(int directory_fd, const std::string& name, std::string_view content,
                             mode_t mode, std::string_view shown) {
  return replace(directory_fd, name, as_bytes(content), mode, Durable::no, shown);
}

Status replace_file(int directory_fd, const std::string& name, std::string_view content,
                    mode_t mode, std::string_view shown) {
  return replace_file(directory_fd, name, as_bytes(content), mode, shown);
}

Status sync_change(int directory_fd, std::string_view shown) {
  Status done = sync_directory(directory_fd, shown);
  if (done) return done;
  return tl::unexpected(in_place(done.error(), "may be lost if the host fails"));
}

Status sync_directory(int directory_fd, std::string_view shown) {
  if (::fsync(directory_fd) != 0) {
    return fail_errno(Code::temporary, "cannot make durable the directory of " + std::string(shown),
                      errno);
  }
  return {};
}

namespace {

Result<UniqueFd> open_lock(int directory_fd, const std::string& name, std::string_view shown) {
  UniqueFd fd(
      ::openat(directory_fd, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return fail_errno(Code::config, "cannot open the lock " + std::string(shown), errno);
  }
  return fd;
}

/// Whether the name still leads to the locked file: who tidies may have removed it meanwhile, and
/// the next one to come would lock another.
bool is_named(int fd, int directory_fd, const std::string& name) noexcept {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd, &ours) == 0 &&
         ::fstatat(directory_fd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

}  // namespace

Result<FileLock> FileLock::acquire(int directory_fd, const std::string& name, Mode mode,
                                   int timeout_ms, std::string_view shown) {
  SG_TRY(UniqueFd fd, open_lock(directory_fd, name, shown));
  const int operation = mode == Mode::exclusive ? LOCK_EX : LOCK_SH;
  const std::int64_t deadline = monotonic_ms() + timeout_ms;
  while (lock_before(fd.get(), operation, deadline)) {
    if (is_named(fd.get(), directory_fd, name)) {
      LateSignals::begin();
      return FileLock(std::move(fd));
    }
    SG_TRY(fd, open_lock(directory_fd, name, shown));
  }
  if (errno != EWOULDBLOCK) {
    return fail_errno(Code::internal, "cannot lock " + std::string(shown), errno);
  }
  return fail(Code::temporary,
              "another process has held the lock " + std::string(shown) + " for " +
                  std::to_string(timeout_ms) + " ms",
              "see who holds it with fuser(1), and try again");
}

}  // namespace sifguard
