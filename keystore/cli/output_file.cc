// A file that a command leaves for the admin, and takes back if a later step fails. Runs with the
// rights of the admin.
#include "keystore/cli/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "keystore/base/atomic_file.h"
#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr const char* kOverwrite = "choose another name, or overwrite it with --force";

Status sync_parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string above = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd fd(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(Code::no_input, "cannot open the directory of " + path, errno);
  return sync_directory(fd.get(), path);
}

Status fill(const UniqueFd& fd, std::span<const std::byte> content, mode_t mode,
            const std::string& path) {
  SG_CHECK(write_all(fd.get(), content, path));
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0) {
    return fail_errno(Code::temporary, "cannot write " + path, errno);
  }
  return {};
}

}  // namespace

OutputFile::OutputFile(std::string path, std::string staged, bool overwrite)
    : path_(std::move(path)), staged_(std::move(staged)), overwrite_(overwrite) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      staged_(std::exchange(other.staged_, {})),
      aside_(std::exchange(other.aside_, {})),
      overwrite_(other.overwrite_),
      published_(std::exchange(other.published_, false)) {}

OutputFile::~OutputFile() {
  if (!staged_.empty()) ::unlink(staged_.c_str());
  if (!published_) return;
  if (aside_.empty()) {
    ::unlink(path_.c_str());
  } else {
    ::rename(aside_.c_str(), path_.c_str());
  }
}

Result<OutputFile> OutputFile::stage(std::string path, std::span<const std::byte> content,
                                     mode_t mode, bool overwrite) {
  if (!overwrite) SG_CHECK(check_absent(path));
  std::string staged = path + ".XXXXXX";
  const UniqueFd fd(::mkostemp(staged.data(), O_CLOEXEC));
  if (!fd.valid()) return fail_errno(Code::no_input, "cannot write beside " + path, errno);
  OutputFile file(std::move(path), std::move(staged), overwrite);
  SG_CHECK(fill(fd, content, mode, file.path_));
  return file;
}

Status OutputFile::publish() {
  if (overwrite_) {
    std::string aside = staged_ + ".old";
    if (::link(path_.c_str(), aside.c_str()) == 0) {
      aside_ = std::move(aside);
    } else if (errno != ENOENT) {
      return fail_errno(Code::no_input, "cannot replace " + path_, errno);
    }
    if (::rename(staged_.c_str(), path_.c_str()) != 0) {
      const int error = errno;
      if (!aside_.empty()) ::unlink(aside_.c_str());
      return fail_errno(Code::no_input, "cannot replace " + path_, error);
    }
  } else {
    // link() and not rename(): it never replaces what appeared there meanwhile.
    if (::link(staged_.c_str(), path_.c_str()) != 0) {
      if (errno == EEXIST) return fail(Code::usage, path_ + " exists already", kOverwrite);
      return fail_errno(Code::no_input, "cannot make " + path_, errno);
    }
    ::unlink(staged_.c_str());
  }
  staged_.clear();
  published_ = true;
  return sync_parent(path_);
}

void OutputFile::keep() noexcept {
  published_ = false;
  if (!aside_.empty()) ::unlink(aside_.c_str());
  aside_.clear();
}

Status check_absent(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0) {
    return fail(Code::usage, path + " exists already", kOverwrite);
  }
  return {};
}

}  // namespace sifguard
