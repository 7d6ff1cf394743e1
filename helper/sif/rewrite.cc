// Replacing an image file by a changed copy of itself, all or nothing. With the caller's rights.
#include "helper/sif/rewrite.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "helper/sif/copy_file.h"
#include "helper/sif/image.h"
#include "keystore/base/atomic_file.h"
#include "keystore/base/text.h"

namespace sifguard::sif {
namespace {

tl::unexpected<Error> cannot_write(std::string what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail_errno(Code::cannot_write, std::move(what), error,
                    full ? "free some space there and try again" : "");
}

Result<std::string> resolve(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), ::free);
  if (!resolved) return fail_errno(Code::no_input, "cannot open " + path, errno);
  return std::string(resolved.get());
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool same_content(const struct stat& a, const struct stat& b) {
  const auto same = [](const struct timespec& x, const struct timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return same_file(a, b) && a.st_size == b.st_size && same(a.st_mtim, b.st_mtim) &&
         same(a.st_ctim, b.st_ctim);
}

/// Two runs at once would each replace what the other has made. Advisory, and only where the file
/// system knows locks: the check for changes in commit() stands in any case.
Status lock(int fd, const std::string& path) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return {};
  return fail(Code::cannot_write, "another process is working on " + path, "try again later");
}

/// The mode when the group could not be kept: who is in the new one has had everybody's rights.
mode_t without_group(mode_t mode) {
  return (mode & 0707U) | ((mode & 07U) << 3U);
}

Result<std::string> temporary_name(const std::string& name) {
  std::array<std::byte, 8> noise{};
  if (::getrandom(noise.data(), noise.size(), 0) != static_cast<ssize_t>(noise.size())) {
    return fail_errno(Code::internal, "cannot get random bytes", errno);
  }
  return "." + name.substr(0, 200) + "." + to_hex(noise) + ".tmp";
}

}  // namespace

ImageRewrite::~ImageRewrite() {
  if (!temporary_.empty()) ::unlinkat(directory_.get(), temporary_.c_str(), 0);
}

std::uint64_t ImageRewrite::size() const noexcept {
  return static_cast<std::uint64_t>(before_.st_size);
}

Result<ImageRewrite> ImageRewrite::open(const std::string& path) {
  SG_TRY(const std::string resolved, resolve(path));
  const std::size_t slash = resolved.rfind('/');
  ImageRewrite rewrite;
  rewrite.directory_path_ = resolved.substr(0, slash);
  rewrite.name_ = resolved.substr(slash + 1);
  const std::string above = slash == 0 ? "/" : rewrite.directory_path_;
  rewrite.directory_ = UniqueFd(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!rewrite.directory_.valid()) return cannot_write("cannot open the directory " + above, errno);
  // Without O_NONBLOCK the open of a pipe would wait for a writer.
  const int directory = rewrite.directory_.get();
  rewrite.image_ = UniqueFd(::openat(directory, rewrite.name_.c_str(),
                                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!rewrite.image_.valid() || ::fstat(rewrite.image_.get(), &rewrite.before_) != 0) {
    return fail_errno(Code::no_input, "cannot open " + path, errno);
  }
  if (!S_ISREG(rewrite.before_.st_mode)) {
    return fail(Code::no_input, path + " is not a regular file");
  }
  if (::faccessat(directory, rewrite.name_.c_str(), W_OK, AT_EACCESS) != 0) {
    return cannot_write(path + " is not writable", errno);
  }
  if (::faccessat(directory, ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return cannot_write("cannot write in the directory of " + path, errno);
  }
  SG_CHECK(lock(rewrite.image_.get(), path));
  return rewrite;
}

Status ImageRewrite::copy(const OnCopied& on_copied, const OnNamed& on_named) {
  SG_CHECK(make_copy_file(on_named));
  SG_CHECK(copy_file(image_.get(), copy_.get(), size(), path(), on_copied));
  return copy_attributes();
}

Status ImageRewrite::make_copy_file(const OnNamed& on_named) {
  copy_ = UniqueFd(::openat(directory_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (copy_.valid()) return {};
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
    return cannot_write("cannot make a file in " + directory_path_, errno);
  }
  SG_TRY(std::string name, temporary_name(name_));
  if (on_named) on_named(directory_.get(), name);
  copy_ = UniqueFd(::openat(directory_.get(), name.c_str(),
                            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy_.valid()) return cannot_write("cannot make a file in " + directory_path_, errno);
  temporary_ = std::move(name);
  return {};
}

Status ImageRewrite::copy_attributes() {
  struct stat ours {};
  if (::fstat(copy_.get(), &ours) != 0) return cannot_write("cannot examine the new file", errno);
  mode_t mode = before_.st_mode & 07777U;
  const bool same_owner = ours.st_uid == before_.st_uid && ours.st_gid == before_.st_gid;
  if (!same_owner && ::fchown(copy_.get(), before_.st_uid, before_.st_gid) != 0) {
    owner_kept_ = false;
    const bool group_kept = ::fchown(copy_.get(), static_cast<uid_t>(-1), before_.st_gid) == 0;
    mode = group_kept ? mode & 0777U : without_group(mode);
  }
  ::fremovexattr(copy_.get(), "system.posix_acl_access");  // that of the directory
  if (::fchmod(copy_.get(), mode) != 0) return cannot_write("cannot set the mode", errno);
  return owner_kept_ ? copy_extended_attributes(image_.get(), copy_.get(), path()) : Status();
}

Status ImageRewrite::check_unchanged() const {
  struct stat now {};
  struct stat named {};
  const bool unchanged =
      ::fstat(image_.get(), &now) == 0 && same_content(now, before_) &&
      ::fstatat(directory_.get(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      same_file(named, before_);
  if (unchanged) return {};
  return fail(Code::cannot_write, path() + " was changed by somebody else meanwhile",
              "try again when nobody else is working on it");
}

/// linkat() cannot replace a file, so the copy gets a name of its own for a moment.
Status ImageRewrite::name_copy() {
  if (!temporary_.empty()) return {};
  SG_TRY(std::string name, temporary_name(name_));
  const std::string link = "/proc/self/fd/" + std::to_string(copy_.get());
  if (::linkat(AT_FDCWD, link.c_str(), directory_.get(), name.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return cannot_write("cannot name the new file in " + directory_path_, errno);
  }
  temporary_ = std::move(name);
  return {};
}

Status ImageRewrite::commit() {
  auto sound = read_image(copy_.get());
  if (!sound) {
    return tl::unexpected(std::move(sound).error().prepend("the changed image is not sound"));
  }
  if (::fsync(copy_.get()) != 0) return cannot_write("cannot make " + path() + " durable", errno);
  SG_CHECK(check_unchanged());
  SG_CHECK(name_copy());
  if (::renameat(directory_.get(), temporary_.c_str(), directory_.get(), name_.c_str()) != 0) {
    return cannot_write("cannot replace " + path(), errno);
  }
  temporary_.clear();
  if (::fsync(directory_.get()) != 0) {
    return cannot_write(path() + " is replaced, but might not survive a crash", errno);
  }
  return {};
}

}  // namespace sifguard::sif
