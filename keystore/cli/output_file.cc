// A file that a command writes for the admin, and removes if a later step fails. Runs with the
// rights of the admin.
#include "keystore/cli/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "keystore/base/atomic_file.h"
#include "keystore/base/file_mode.h"
#include "keystore/base/overwrite.h"
#include "keystore/base/rewrite_name.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr const char* kOverwrite = "choose another name, or overwrite it with --force";

/// The permissions beyond `mode` that the file has nevertheless.
Result<mode_t> fill(const UniqueFd& fd, std::span<const std::byte> content, mode_t mode,
                    const std::string& path) {
  SG_CHECK(write_all(fd.get(), content, path));
  if (!set_mode(fd.get(), mode) || ::fsync(fd.get()) != 0) {
    return fail_errno(Code::temporary, "cannot write " + path, errno);
  }
  return more_than(fd.get(), mode, path);
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// What file systems say that do not know it; vfat says EPERM of links.
bool is_unknown(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM ||
         error == EISDIR;
}

/// What a run left that was killed in claim(): the name, and beside it the file that was to have
/// it.
bool is_left_claim(const std::string& path, const struct stat& st) {
  if (!S_ISREG(st.st_mode) || st.st_size != 0) return false;
  const UniqueFd directory = open_directory_of_user(directory_of(path));
  const auto names = list_names_at(directory.get());
  const std::string name = path.substr(path.rfind('/') + 1);
  return names && std::any_of(names->begin(), names->end(), [&](const std::string& one) {
           return is_rewrite_of(one, name) && is_left_rewrite(directory.get(), one);
         });
}

void remove_left_claim(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0 && is_left_claim(path, st)) ::unlink(path.c_str());
}

}  // namespace

OutputFile::OutputFile(std::string path, bool overwrite)
    : path_(std::move(path)), overwrite_(overwrite) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      staged_(std::exchange(other.staged_, {})),
      aside_(std::exchange(other.aside_, {})),
      directory_(std::move(other.directory_)),
      file_(std::move(other.file_)),
      overwrite_(other.overwrite_),
      published_(std::exchange(other.published_, false)),
      more_(other.more_),
      signals_(std::move(other.signals_)) {}

OutputFile::~OutputFile() {
  const int directory = directory_.get();
  // It may be a private key.
  if (file_.valid() && !kept_) (void)overwrite_file(file_.get(), path_);
  if (!staged_.empty()) ::unlinkat(directory, staged_.c_str(), 0);
  if (!published_) return;
  if (aside_.empty()) {
    ::unlinkat(directory, name_.c_str(), 0);
  } else {
    ::renameat(directory, aside_.c_str(), directory, name_.c_str());
  }
}

Result<OutputFile> OutputFile::stage(std::string path, std::span<const std::byte> content,
                                     mode_t mode, bool overwrite) {
  if (!overwrite) SG_CHECK(check_absent(path));
  OutputFile file(std::move(path), overwrite);
  SG_CHECK(file.open_directory());
  if (!overwrite) remove_left_claim(file.path_);
  remove_left_copies(file.directory_.get(), file.name_);
  SG_CHECK(file.make_file());
  // Who comes next sees that this one is being worked on.
  ::flock(file.file_.get(), LOCK_EX | LOCK_NB);
  SG_TRY(file.more_, fill(file.file_, content, mode, file.path_));
  return file;
}

Status OutputFile::try_out(const std::string& path, bool overwrite) {
  if (!overwrite) SG_CHECK(check_absent(path));
  OutputFile file(path, overwrite);
  SG_CHECK(file.open_directory());
  return file.make_file();
}

Status OutputFile::open_directory() {
  name_ = path_.substr(path_.rfind('/') + 1);
  directory_ = open_directory_of_user(directory_of(path_));
  if (!directory_.valid()) {
    return fail_errno(Code::no_input, "cannot write beside " + path_, errno);
  }
  struct stat st {};
  if (::fstatat(directory_.get(), name_.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
      !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
    return fail(Code::exists, "cannot replace " + path_ + ": it is not a regular file",
                "choose another name");
  }
  return {};
}

Status OutputFile::make_file() {
  if (::access("/proc/self/fd", X_OK) == 0) {  // how it gets a name
    file_ = UniqueFd(::openat(directory_.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (file_.valid()) return {};
    if (!is_unknown(errno) && errno != ENOENT) {
      return fail_errno(Code::no_input, "cannot write beside " + path_, errno);
    }
  }
  signals_ = HeldSignals::hold();
  SG_TRY(std::string staged, new_rewrite_name(name_));
  file_ = UniqueFd(::openat(directory_.get(), staged.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file_.valid()) return fail_errno(Code::no_input, "cannot write beside " + path_, errno);
  staged_ = std::move(staged);
  return {};
}

Status OutputFile::name_file(const std::string& name) {
  const std::string link = "/proc/self/fd/" + std::to_string(file_.get());
  if (::linkat(AT_FDCWD, link.c_str(), directory_.get(), name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
    return {};
  }
  if (errno == EEXIST) return fail(Code::exists, path_ + " exists already", kOverwrite);
  return fail_errno(Code::no_input, "cannot make " + path_, errno);
}

Status OutputFile::publish() {
  if (!signals_) signals_ = HeldSignals::hold();
  SG_CHECK(overwrite_ ? replace() : put_in_place());
  staged_.clear();
  published_ = true;
  return sync_directory(directory_.get(), path_);
}

/// Never replaces what appeared there meanwhile.
Status OutputFile::put_in_place() {
  if (staged_.empty()) return name_file(name_);
  const int directory = directory_.get();
  if (::renameat2(directory, staged_.c_str(), directory, name_.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  if (is_unknown(errno)) {
    if (::linkat(directory, staged_.c_str(), directory, name_.c_str(), 0) == 0) {
      ::unlinkat(directory, staged_.c_str(), 0);
      return {};
    }
    if (is_unknown(errno)) return claim();
  }
  if (errno == EEXIST) return fail(Code::exists, path_ + " exists already", kOverwrite);
  return fail_errno(Code::no_input, "cannot make " + path_, errno);
}

/// Where a name can only be taken by making a file: ours is empty for a moment.
Status OutputFile::claim() {
  const int directory = directory_.get();
  const UniqueFd fd(::openat(directory, name_.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid() && errno == EEXIST) {
    return fail(Code::exists, path_ + " exists already", kOverwrite);
  }
  if (fd.valid() && ::renameat(directory, staged_.c_str(), directory, name_.c_str()) == 0) {
    return {};
  }
  const int error = errno;
  if (fd.valid()) ::unlinkat(directory, name_.c_str(), 0);
  return fail_errno(Code::no_input, "cannot make " + path_, error);
}

/// Under a second name, or, where there are no links, under that one alone for a moment.
Status OutputFile::set_aside() {
  const int directory = directory_.get();
  SG_TRY(std::string aside, new_rewrite_name(std::string(kBeforeRewrite) + name_));
  if (::linkat(directory, name_.c_str(), directory, aside.c_str(), 0) == 0 ||
      (is_unknown(errno) && ::renameat(directory, name_.c_str(), directory, aside.c_str()) == 0)) {
    aside_ = std::move(aside);
    return {};
  }
  if (errno == ENOENT) return {};
  return fail_errno(Code::no_input, "cannot replace " + path_, errno);
}

Status OutputFile::replace() {
  const int directory = directory_.get();
  if (staged_.empty()) {
    SG_TRY(std::string staged, new_rewrite_name(name_));
    SG_CHECK(name_file(staged));
    staged_ = std::move(staged);
  }
  SG_CHECK(set_aside());
  if (::renameat(directory, staged_.c_str(), directory, name_.c_str()) == 0) return {};
  const int error = errno;
  if (!aside_.empty()) {
    ::renameat(directory, aside_.c_str(), directory, name_.c_str());
    ::unlinkat(directory, aside_.c_str(), 0);  // two names of one file are not renamed
    aside_.clear();
  }
  return fail_errno(Code::no_input, "cannot replace " + path_, error);
}

void OutputFile::keep() noexcept {
  kept_ = true;
  published_ = false;
  if (!aside_.empty()) {
    ::unlinkat(directory_.get(), aside_.c_str(), 0);
    remove_left_rewrites(directory_.get(), name_);  // what killed runs had set aside
  }
  aside_.clear();
  signals_.reset();
}

Status check_absent(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 || is_left_claim(path, st)) return {};
  return fail(Code::exists, path + " exists already", kOverwrite);
}

}  // namespace sifguard
