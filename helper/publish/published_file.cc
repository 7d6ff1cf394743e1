// The file that a published image becomes. Root on an admin's host.
#include "helper/publish/published_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "helper/sif/copy_file.h"
#include "helper/stage/copy.h"
#include "keystore/base/atomic_file.h"

namespace sifguard {
namespace {

constexpr mode_t kDirectoryMode = 0755;  // jobs open the image as their owners
constexpr mode_t kFileMode = 0444;

}  // namespace

Result<PublishedFile> PublishedFile::create(const std::string& directory, Trust trust) {
  PublishedFile made;
  made.shown_ = directory;
  if (::mkdir(directory.c_str(), 0700) == 0) {
    ::chmod(directory.c_str(), kDirectoryMode);  // the umask is tight
  } else if (errno != EEXIST) {
    return fail_errno(Code::cannot_write, "cannot make " + directory, errno);
  }
  SG_TRY(made.directory_, open_trusted_directory(directory, trust));
  made.file_ = UniqueFd(::openat(made.directory_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!made.file_.valid()) {
    return fail_errno(Code::cannot_write, "cannot make a file in " + directory, errno);
  }
  return made;
}

Status PublishedFile::check(const std::string& directory, const std::string& name, Trust trust) {
  PublishedFile planned;
  planned.shown_ = directory;
  struct stat st {};
  if (::lstat(directory.c_str(), &st) != 0 && errno == ENOENT) return {};  // it would be made
  SG_TRY(planned.directory_, open_trusted_directory(directory, trust));
  return planned.check_free(name);
}

Status PublishedFile::copy(int from, std::uint64_t size, const std::string& shown,
                           const std::function<void(std::uint64_t)>& on_copied) {
  return sif::copy_file(from, file_.get(), size, shown, on_copied);
}

Result<UniqueFd> PublishedFile::read_only() const {
  return reopen_read_only(file_.get());
}

tl::unexpected<Error> PublishedFile::taken(const std::string& name) const {
  return fail(Code::exists, "there is a file " + shown_ + "/" + name + " already",
              "choose another --name, or sifctl image unpublish first");
}

Status PublishedFile::check_free(const std::string& name) const {
  struct stat st {};
  if (::fstatat(directory_.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) return taken(name);
  if (errno == ENOENT) return {};
  return fail_errno(Code::cannot_write, "cannot look at " + shown_ + "/" + name, errno);
}

Status PublishedFile::finish() const {
  if (::fchmod(file_.get(), kFileMode) == 0 && ::fsync(file_.get()) == 0) return {};
  return fail_errno(Code::cannot_write, "cannot write a file in " + shown_, errno);
}

Status PublishedFile::name(const std::string& name) const {
  if (::linkat(file_.get(), "", directory_.get(), name.c_str(), AT_EMPTY_PATH) != 0) {
    if (errno == EEXIST) return taken(name);
    return fail_errno(Code::cannot_write, "cannot make " + shown_ + "/" + name, errno);
  }
  Status durable = sync_directory(directory_.get(), shown_);
  if (!durable) take_back(name);
  return durable;
}

void PublishedFile::take_back(const std::string& name) const noexcept {
  ::unlinkat(directory_.get(), name.c_str(), 0);
}

}  // namespace sifguard
