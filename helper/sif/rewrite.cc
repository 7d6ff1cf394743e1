// Replacing an image file by a changed copy of itself, all or nothing. With the caller's rights.
#include "helper/sif/rewrite.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "helper/sif/copy_file.h"
#include "helper/sif/image.h"
#include "keystore/base/atomic_file.h"
#include "keystore/base/file_mode.h"
#include "keystore/base/lack.h"
#include "keystore/base/open_error.h"
#include "keystore/base/rewrite_name.h"
#include "keystore/base/tree.h"

namespace sifguard::sif {
namespace {

tl::unexpected<Error> cannot_write(std::string what, int error) {
  return fail_errno(Code::cannot_write, std::move(what), error, remedy_for_room(error));
}

Result<std::string> resolve(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), ::free);
  if (!resolved) return fail_open(Code::no_input, path, errno);
  return std::string(resolved.get());
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool same_time(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// The same file, and not written to.
bool same_written(const struct stat& a, const struct stat& b) {
  return same_file(a, b) && a.st_size == b.st_size && same_time(a.st_mtim, b.st_mtim);
}

bool same_content(const struct stat& a, const struct stat& b) {
  return same_written(a, b) && same_time(a.st_ctim, b.st_ctim);
}

/// Two runs at once would each replace what the other has made. Advisory, and only where the file
/// system knows locks: the check for changes in commit() stands in any case.
Status lock(int fd, const std::string& path) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return {};
  return fail(Code::temporary, "another process is working on " + path, "try again later");
}

/// The mode when the group could not be kept: who is in the new one has had everybody's rights.
mode_t without_group(mode_t mode) {
  return (mode & 0707U) | ((mode & 07U) << 3U);
}

/// File systems tell time in ticks: a change in the tick of the last one would not show.
void wait_for_next_tick(const struct stat& file) {
  constexpr std::int64_t kTickNs = 20'000'000;
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t since = (now.tv_sec - file.st_ctim.tv_sec) * std::int64_t{1'000'000'000} +
                             (now.tv_nsec - file.st_ctim.tv_nsec);
  constexpr struct timespec kTick = {0, kTickNs};
  if (since >= 0 && since < kTickNs) ::nanosleep(&kTick, nullptr);
}

}  // namespace

ImageRewrite::~ImageRewrite() {
  if (!temporary_.empty()) ::unlinkat(directory_.get(), temporary_.c_str(), 0);
}

std::uint64_t ImageRewrite::size() const noexcept {
  return static_cast<std::uint64_t>(before_.st_size);
}

std::uint64_t ImageRewrite::other_names() const noexcept {
  return before_.st_nlink > 1 ? before_.st_nlink - 1 : 0;
}

Result<ImageRewrite> ImageRewrite::open(const std::string& path) {
  SG_TRY(const std::string resolved, resolve(path));
  const std::size_t slash = resolved.rfind('/');
  ImageRewrite rewrite;
  rewrite.directory_path_ = resolved.substr(0, slash);
  rewrite.name_ = resolved.substr(slash + 1);
  const std::string above = slash == 0 ? "/" : rewrite.directory_path_;
  rewrite.directory_ = open_directory_of_user(above);
  if (!rewrite.directory_.valid()) return cannot_write("cannot open the directory " + above, errno);
  // Without O_NONBLOCK the open of a pipe would wait for a writer.
  const int directory = rewrite.directory_.get();
  rewrite.image_ = UniqueFd(::openat(directory, rewrite.name_.c_str(),
                                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!rewrite.image_.valid()) return fail_open(Code::no_input, path, errno);
  SG_CHECK(rewrite.examine(path));
  if (::faccessat(directory, rewrite.name_.c_str(), W_OK, AT_EACCESS) != 0) {
    return cannot_write(path + " is not writable", errno);
  }
  if (::faccessat(directory, ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return cannot_write("cannot write in the directory of " + path, errno);
  }
  SG_CHECK(lock(rewrite.image_.get(), path));
  rewrite.remove_leftovers();
  return rewrite;
}

Status ImageRewrite::examine(const std::string& path) {
  const auto look = [&] { return ::fstat(image_.get(), &before_) == 0; };
  if (!look()) return fail_errno(Code::no_input, "cannot examine " + path, errno);
  if (!S_ISREG(before_.st_mode)) return fail(Code::no_input, path + " is not a regular file");
  // What others write through a mapping shows only in pages that are clean.
  ::fdatasync(image_.get());
  wait_for_next_tick(before_);
  if (!look()) return fail_errno(Code::no_input, "cannot examine " + path, errno);
  return {};
}

void ImageRewrite::remove_leftovers() const {
  const auto names = list_names_at(directory_.get());
  if (!names) return;
  for (const std::string& name : *names) {
    const bool left =
        is_rewrite_of(name, name_) && is_left_rewrite(directory_.get(), name, before_.st_uid);
    if (left) ::unlinkat(directory_.get(), name.c_str(), 0);
  }
}

Status ImageRewrite::copy(const OnCopied& on_copied, OnNamed on_named) {
  on_named_ = std::move(on_named);
  SG_CHECK(make_copy_file());
  SG_CHECK(check_private());
  // Who comes next sees that this one is being worked on; where there are no locks, it stays.
  ::flock(copy_.get(), LOCK_EX | LOCK_NB);
  return copy_file(image_.get(), copy_.get(), size(), path(), on_copied);
}

Status ImageRewrite::make_copy_file() {
  copy_ = UniqueFd(::openat(directory_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (copy_.valid()) return {};
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
    return cannot_write("cannot make a file in " + directory_path_, errno);
  }
  SG_CHECK(new_temporary());
  copy_ = UniqueFd(::openat(directory_.get(), temporary_.c_str(),
                            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (copy_.valid()) return {};
  const int error = errno;
  temporary_.clear();
  return cannot_write("cannot make a file in " + directory_path_, error);
}

/// Some file systems (vfat, exfat, FUSE, SMB) give owners and modes of their own.
Status ImageRewrite::check_private() const {
  struct stat ours {};
  if (::fstat(copy_.get(), &ours) != 0) return cannot_write("cannot examine the new file", errno);
  if (!others_may_write(ours, ::geteuid())) return {};
  return fail(Code::cannot_write,
              "others could write into the copy of " + path() +
                  " while it is made: its file system gives files an owner and a mode of its own",
              "work on it elsewhere, or mount that file system with your uid and umask=022");
}

Status ImageRewrite::new_temporary() {
  SG_TRY(temporary_, new_rewrite_name(name_));
  if (on_named_) on_named_(directory_.get(), temporary_);
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
  if (!set_mode(copy_.get(), mode)) return cannot_write("cannot set the mode", errno);
  return owner_kept_ ? copy_extended_attributes(image_.get(), copy_.get(), path()) : Status();
}

Status ImageRewrite::sync_copy() const {
  if (::fsync(copy_.get()) == 0) return {};
  return cannot_write("cannot make " + path() + " durable", errno);
}

tl::unexpected<Error> ImageRewrite::changed_meanwhile() const {
  return fail(Code::temporary, path() + " was changed or replaced by somebody else meanwhile",
              "try again when nobody else is working on it");
}

Status ImageRewrite::check_unchanged() const {
  struct stat now {};
  struct stat named {};
  const bool unchanged =
      ::fstat(image_.get(), &now) == 0 && same_content(now, before_) &&
      ::fstatat(directory_.get(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      same_content(named, before_);
  if (!unchanged) return changed_meanwhile();
  return {};
}

/// linkat() cannot replace a file, so the copy gets a name of its own for a moment.
Status ImageRewrite::name_copy() {
  if (!temporary_.empty()) return {};
  SG_CHECK(new_temporary());
  const std::string link = "/proc/self/fd/" + std::to_string(copy_.get());
  if (::linkat(AT_FDCWD, link.c_str(), directory_.get(), temporary_.c_str(), AT_SYMLINK_FOLLOW) ==
      0) {
    return {};
  }
  const int error = errno;
  temporary_.clear();
  return cannot_write("cannot name the new file in " + directory_path_, error);
}

Status ImageRewrite::replace() {
  const int directory = directory_.get();
  if (::renameat2(directory, temporary_.c_str(), directory, name_.c_str(), RENAME_EXCHANGE) == 0) {
    return check_taken_out();
  }
  const bool unknown = errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
  if (!unknown || ::renameat(directory, temporary_.c_str(), directory, name_.c_str()) != 0) {
    return cannot_write("cannot replace " + path(), errno);
  }
  temporary_.clear();
  return {};
}

/// What had the image's name has the temporary one. Its times of change are those of the exchange.
Status ImageRewrite::check_taken_out() {
  const int directory = directory_.get();
  const auto is_there = [&](const struct stat& wanted) {
    struct stat out {};
    return ::fstatat(directory, temporary_.c_str(), &out, AT_SYMLINK_NOFOLLOW) == 0 &&
           same_written(out, wanted);
  };
  if (is_there(before_)) {
    ::unlinkat(directory, temporary_.c_str(), 0);
    temporary_.clear();
    return {};
  }
  struct stat ours {};
  if (::fstat(copy_.get(), &ours) == 0 &&
      ::renameat2(directory, temporary_.c_str(), directory, name_.c_str(), RENAME_EXCHANGE) == 0 &&
      is_there(ours)) {
    return changed_meanwhile();
  }
  const std::string kept = directory_path_ + "/" + temporary_;
  temporary_.clear();  // somebody's work: it stays
  return fail(Code::temporary,
              path() + " was replaced by somebody else meanwhile; one version is kept as " + kept,
              "look at both, and try again when nobody else is working on it");
}

Status ImageRewrite::commit() {
  auto sound = read_image(copy_.get());
  if (!sound) {
    return tl::unexpected(std::move(sound).error().prepend("the changed image is not sound"));
  }
  SG_CHECK(sync_copy());  // what takes long; the attributes are little
  SG_CHECK(copy_attributes());
  SG_CHECK(sync_copy());
  SG_CHECK(name_copy());
  SG_CHECK(check_unchanged());
  SG_CHECK(replace());
  if (::fsync(directory_.get()) != 0) {
    return cannot_write(path() + ": the change is in place, but may be lost if the host fails",
                        errno);
  }
  return {};
}

}  // namespace sifguard::sif
