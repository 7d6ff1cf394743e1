// The digest by which whole images are called. Any privilege.
#include "keystore/crypto/file_digest.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"

namespace sifguard {

Result<std::string> file_digest(int fd, const std::string& shown) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::no_input, shown, errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::no_input, shown + " is not a regular file");
  Sha256 hash;
  constexpr std::size_t kChunk = 1024UL * 1024;
  std::vector<std::byte> chunk(kChunk);
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd, chunk.data(), chunk.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(Code::no_input, "cannot read " + shown, errno);
    if (got == 0) break;
    hash.update(std::span(chunk).first(static_cast<std::size_t>(got)));
    at += got;
  }
  SG_TRY(const Sha256Digest digest, hash.finish());
  return "sha256:" + to_hex(digest);
}

}  // namespace sifguard
