// Whether a file that an admin names is an image. Runs with the rights of the admin.
#include "keystore/cli/image_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "keystore/base/file_kind.h"

namespace sifguard {
namespace {

// Format: sylabs/sif pkg/sif/sif.go, the header: where its data begins, and how much there is of
// it.
constexpr std::size_t kDataOffset = 112, kDataSize = 120, kHeader = 128;
constexpr std::size_t kLooked = 1024;

std::uint64_t number(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

Result<std::string> beginning(int fd, const std::string& shown) {
  std::string bytes(kLooked, '\0');
  ssize_t got = -1;
  do {
    got = ::pread(fd, bytes.data(), bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return fail_errno(Code::no_input, "cannot read " + shown, errno);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

bool is_whole(std::string_view start, std::uint64_t size) {
  if (start.size() < kHeader) return false;
  const std::uint64_t offset = number(start, kDataOffset);
  return offset <= size && number(start, kDataSize) <= size - offset;
}

}  // namespace

Status check_image_file(int fd, const std::string& shown) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::no_input, shown, errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::no_input, shown + " is not a regular file");
  SG_TRY(const std::string start, beginning(fd, shown));
  if (file_kind(start) != FileKind::sif) {
    Error error = name_file_kind(
        Error(Code::refused, "not a Singularity image (SIF)", "name the image itself"), start,
        WantedFile::image);
    return tl::unexpected(std::move(error).prepend(shown));
  }
  if (is_whole(start, static_cast<std::uint64_t>(st.st_size))) return {};
  return fail(Code::refused, shown + ": cut short, only the beginning of a Singularity image (SIF)",
              "name the whole image; a damaged file itself is told by its digest: sha256sum FILE");
}

}  // namespace sifguard
