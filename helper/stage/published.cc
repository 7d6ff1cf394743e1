// Images that the site published. Root.
#include "helper/stage/published.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "keystore/base/trusted_file.h"

namespace sifguard {
namespace {

constexpr std::size_t kBlock = 1U << 20U;

bool is_same_file(int fd, const FileIdentity& identity) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return false;
  // As the opener writes it.
  const std::uint64_t device = (std::uint64_t{major(st.st_dev)} << 32U) | minor(st.st_dev);
  return device == identity.device && st.st_ino == identity.inode &&
         static_cast<std::uint64_t>(st.st_size) == identity.size;
}

}  // namespace

Result<std::optional<UniqueFd>> open_published(const OpenedImage& image,
                                               const std::string& directory) {
  const std::string& path = image.canonical_path();
  if (image.remote() || directory.empty() || !path.starts_with(directory + "/"))
    return std::optional<UniqueFd>();
  auto opened = open_trusted_file(path, Trust{0});
  if (!opened) return tl::unexpected(std::move(opened).error().prepend("published image"));
  // The opener ran as the job's owner: what it named must be what root finds there.
  if (!is_same_file(opened->get(), image.identity())) {
    return fail(Code::temporary, path + " was replaced while it was opened", "try again");
  }
  return std::optional<UniqueFd>(*std::move(opened));
}

Result<Sha256Digest> digest_of_file(int fd, std::uint64_t size, std::int64_t deadline_ms) {
  Sha256 hash;
  std::vector<std::byte> block(static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, size)));
  for (std::uint64_t at = 0; at < size;) {
    if (monotonic_ms() > deadline_ms) {
      return fail(Code::temporary, "no time left to hash the image", "try again");
    }
    const auto part = std::span(block).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), size - at)));
    SG_CHECK(pread_exact(fd, part, at, "the published image"));
    hash.update(part);
    at += part.size();
  }
  return hash.finish();
}

}  // namespace sifguard
