// One pass from the opener's pipe to an unnamed file of the cache, hashing on the way. Root.
#include "helper/stage/copy.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "helper/sif/header.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kPiece = 1U << 20U;

/// A source that is slow is another trouble than one that says nothing any more.
Error gave_nothing(std::int64_t left_ms, int stall_ms) {
  if (left_ms > stall_ms) {
    return {Code::temporary, "copying the image stalled",
            "check that its filesystem answers, and try again"};
  }
  return {Code::temporary, "copying the image took longer than stage_timeout_s of this node allows",
          "ask the administrator to raise stage_timeout_s, or to prefetch or publish the image"};
}

Result<std::size_t> read_piece(const OpenedImage& opened, std::span<std::byte> buffer,
                               int stall_ms) {
  for (;;) {
    const std::int64_t left = opened.deadline_ms() - monotonic_ms();
    struct pollfd ready = {opened.data_fd(), POLLIN, 0};
    const int events =
        ::poll(&ready, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, stall_ms)));
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) return tl::unexpected(gave_nothing(left, stall_ms));
    const ssize_t got = ::read(opened.data_fd(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(Code::internal, "cannot read from the opener", errno);
    return static_cast<std::size_t>(got);
  }
}

/// Fills the buffer as far as the stream goes, so that the first piece holds the whole header.
Result<std::size_t> fill(const OpenedImage& opened, std::span<std::byte> buffer, int stall_ms) {
  std::size_t have = 0;
  while (have < buffer.size()) {
    SG_TRY(const std::size_t got, read_piece(opened, buffer.subspan(have), stall_ms));
    if (got == 0) break;
    have += got;
  }
  return have;
}

/// The verifier reads the whole structure, in its sandbox; this keeps out what is plainly no image.
Status check_header(std::span<const std::byte> start, std::uint64_t size, const std::string& name) {
  constexpr std::size_t kLooked = 1024;  // a tar archive says what it is behind its first name
  sif::RawHeader header{};
  const bool sif = start.size() >= header.size() &&
                   as_text(start.subspan(sif::kMagicOffset, sif::kMagic.size())) == sif::kMagic;
  if (!sif) {
    return tl::unexpected(name_file_kind(
        Error(Code::refused, name + " is not a SIF", "sifguard runs SIF images only"),
        as_text(start.first(std::min(start.size(), kLooked))), WantedFile::image));
  }
  std::copy_n(start.begin(), header.size(), header.begin());
  const auto decoded = sif::decode_header(header, size);
  if (decoded) return {};
  Error error = decoded.error();
  return tl::unexpected(std::move(error).prepend(name));
}

Result<UniqueFd> unnamed_file(int directory_fd, std::uint64_t size) {
  UniqueFd fd(::openat(directory_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0444));
  if (!fd.valid()) {
    return fail_errno(Code::config, "cannot make a file in the image cache", errno);
  }
  // Reserving first finds out about a full disk before anything is read. Not by posix_fallocate(),
  // which writes the whole file where the file system cannot reserve.
  int result = 0;
  do {
    result = ::fallocate(fd.get(), 0, 0, static_cast<off_t>(size));
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EOPNOTSUPP) {
    return fail_errno(Code::temporary,
                      "no space for the image (" + std::to_string(size) + " bytes) in the cache",
                      errno, "ask the administrator to make room or to enlarge the cache");
  }
  return fd;
}

}  // namespace

Result<UniqueFd> reopen_read_only(int fd) {
  UniqueFd again(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
  if (!again.valid()) return fail_errno(Code::internal, "cannot reopen the copy", errno);
  return again;
}

Result<PrivateCopy> copy_image(OpenedImage& opened, int directory_fd, const CopyLimits& limits) {
  const std::uint64_t expected = opened.identity().size;
  const std::string name = "image " + printable(opened.canonical_path(), 300);
  if (expected > limits.max_bytes) {
    return fail(Code::refused, name + " is larger than the " + std::to_string(limits.max_bytes) +
                                   " bytes that this node allows");
  }
  PrivateCopy copy;
  SG_CHECK(opened.start_stream());

  const auto buffer = std::make_unique<std::array<std::byte, kPiece>>();
  Sha256 hash;
  for (;;) {
    SG_TRY(const std::size_t got, fill(opened, *buffer, limits.stall_ms));
    if (got == 0) break;
    const std::span<const std::byte> piece(buffer->data(), got);
    if (!copy.fd.valid()) {
      SG_CHECK(check_header(piece, expected, name));
      if (limits.reserve) SG_CHECK(limits.reserve(expected));
      SG_TRY(copy.fd, unnamed_file(directory_fd, expected));
    }
    copy.size += got;
    if (copy.size > expected) return fail(Code::no_input, name + " grew while it was read");
    hash.update(piece);
    SG_CHECK(write_all(copy.fd.get(), piece, "the image cache"));
  }
  SG_CHECK(opened.finish());
  if (copy.size != expected) return fail(Code::no_input, name + " shrank while it was read");
  SG_TRY(copy.digest, hash.finish());
  const std::string& promised = opened.promised_digest();
  if (!promised.empty() && promised != to_hex(copy.digest)) {
    return fail(Code::refused, name + " is not what its registry promised (sha256:" +
                                   to_hex(copy.digest) + " instead of sha256:" + promised + ")");
  }
  return copy;
}

}  // namespace sifguard
