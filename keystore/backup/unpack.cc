// Writing the files of an archive into a new directory. The caller's rights.
#include "keystore/backup/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "keystore/backup/local_files.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

Result<UniqueFd> enter(int parent, const std::string& name, const std::string& shown) {
  if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail_errno(Code::config, "cannot make " + shown + "/" + name, errno);
  }
  UniqueFd fd = open_directory_at(parent, name);
  if (!fd.valid()) return fail_errno(Code::config, "cannot open " + shown + "/" + name, errno);
  return fd;
}

Status write_file(const ArchiveFile& file, int top, const std::string& shown) {
  const auto components = split(file.name, '/');
  UniqueFd inner;
  int at = top;
  for (std::size_t i = 0; i + 1 < components.size(); ++i) {
    SG_TRY(UniqueFd next, enter(at, components[i], shown));
    inner = std::move(next);
    at = inner.get();
  }
  const std::string path = shown + "/" + file.name;
  const UniqueFd fd(::openat(at, components.back().c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return fail_errno(Code::config, "cannot make " + path, errno);
  SG_CHECK(write_all(fd.get(), file.content, path));
  if (::fchmod(fd.get(), file.mode) != 0) {
    return fail_errno(Code::internal, "cannot set the mode of " + path, errno);
  }
  return {};
}

}  // namespace

Status unpack_archive(const Archive& archive, int directory_fd, const std::string& shown) {
  for (const char* always : {kKeys, kSigners}) {
    SG_TRY(const UniqueFd made, enter(directory_fd, always, shown));
  }
  for (const ArchiveFile& file : archive.files) {
    if (file.name == kSeal || is_local_file(file.name)) continue;
    SG_CHECK(write_file(file, directory_fd, shown));
  }
  return {};
}

}  // namespace sifguard
