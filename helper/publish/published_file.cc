// The file that a published image becomes. Root on an admin's host.
#include "helper/publish/published_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "helper/sif/copy_file.h"
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

Status PublishedFile::copy(int from, std::uint64_t size, const std::string& shown,
                           const std::function<void(std::uint64_t)>& on_copied) {
  return sif::copy_file(from, file_.get(), size, shown, on_copied);
}

Result<UniqueFd> PublishedFile::read_only() const {
  const std::string path = "/proc/self/fd/" + std::to_string(file_.get());
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(Code::internal, "cannot reopen the copy", errno);
  return fd;
}

Status PublishedFile::name(const std::string& name) {
  const std::string path = shown_ + "/" + name;
  if (::fchmod(file_.get(), kFileMode) != 0 || ::fsync(file_.get()) != 0) {
    return fail_errno(Code::cannot_write, "cannot write " + path, errno);
  }
  const auto link = [&] {
    return ::linkat(file_.get(), "", directory_.get(), name.c_str(), AT_EMPTY_PATH) == 0;
  };
  const bool done =
      link() || (errno == EEXIST && ::unlinkat(directory_.get(), name.c_str(), 0) == 0 && link());
  if (!done) return fail_errno(Code::cannot_write, "cannot make " + path, errno);
  return sync_directory(directory_.get(), shown_);
}

}  // namespace sifguard
