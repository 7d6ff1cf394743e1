// Where an encrypted image's bytes lie. Root; parses nothing of them: the driver does.
#include "helper/mount/sealed_image.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::string_view kConf = "gocryptfs.conf";

struct DirectoryDeleter {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

tl::unexpected<Error> no_gocryptfs(const std::string& why) {
  return fail(Code::refused, "the encrypted image " + why);
}

/// The one name beside gocryptfs.conf.
Result<std::string> data_name(int root) {
  UniqueFd fd = reopen_directory(root);
  const std::unique_ptr<DIR, DirectoryDeleter> directory(fd.valid() ? ::fdopendir(fd.get())
                                                                    : nullptr);
  if (!directory) return fail_errno(Code::refused, "cannot list the encrypted image", errno);
  (void)fd.release();
  std::string name;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view found = entry->d_name;
    if (found == "." || found == ".." || found == kConf) continue;
    if (!name.empty()) return no_gocryptfs("holds more than one encrypted file");
    name = found;
  }
  if (name.empty()) return no_gocryptfs("holds no encrypted file");
  return name;
}

Result<UniqueFd> open_regular(int root, const std::string& name) {
  UniqueFd fd(::openat(root, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st {};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0) {
    if (errno == ENOENT) return no_gocryptfs("has no " + name);
    return fail_errno(Code::refused, "cannot open a file of the encrypted image", errno);
  }
  if (!S_ISREG(st.st_mode)) return no_gocryptfs("holds something else than files");
  return fd;
}

/// Root's, whoever the job's owner is.
Result<SquashfsMount> mount_shell(const ImagePartition& partition, RootMountOptions options) {
  options.uid = 0;
  options.gid = 0;
  return mount_squashfs({.file = partition.fd,
                         .offset = partition.offset,
                         .size = partition.size,
                         .executable = false},
                        options);
}

std::uint64_t size_of(int fd) {
  struct stat st {};
  return ::fstat(fd, &st) == 0 ? static_cast<std::uint64_t>(st.st_size) : 0;
}

}  // namespace

Result<SealedImage> SealedImage::open(const ImagePartition& partition, SealedKind kind,
                                      const RootMountOptions& options) {
  SealedImage image;
  image.file_ = {kind, partition.fd, partition.offset, partition.size, -1};
  if (kind == SealedKind::luks) return image;
  SG_TRY(const SquashfsMount shell, mount_shell(partition, options));
  const int root = shell.mount.fd();
  SG_TRY(image.conf_, open_regular(root, std::string(kConf)));
  SG_TRY(const std::string name, data_name(root));
  SG_TRY(image.data_, open_regular(root, name));
  image.file_ = {kind, image.data_.get(), 0, size_of(image.data_.get()), image.conf_.get()};
  return image;
}

}  // namespace sifguard
