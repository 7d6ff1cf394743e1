// The messages between the kernel and a FUSE server of one read-only file: requests and answers.
// Pure. In the sandbox of `sifguard-imagefs`.
//
// Format: <linux/fuse.h>, protocol 7.23 (Linux 3.15) and later, in the byte order of the machine.
// The root of the file system is the file itself (the mount says rootmode=100000), so nothing is
// ever looked up. The kernel is trusted, but a message of an unexpected form is answered with an
// error.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sifguard {

/// Room for any request; the kernel insists on it.
inline constexpr std::size_t kFuseRequest = 8192;
/// The most bytes that one read may ask for; the kernel is told at the start.
inline constexpr std::uint32_t kFuseMostRead = 256 * 1024;

struct FuseRequest {
  enum class Kind : std::uint8_t {
    start,       ///< the kernel says what it can
    attributes,  ///< of the file
    open,
    read,
    close,   ///< of one open file, or the end of a write: there is nothing to do
    statfs,  ///< of the file system
    silent,  ///< gets no answer, because nobody waits for one (interrupt, forget)
    finish,  ///< the file system is unmounted
    other,   ///< not needed for a file that is only read
    wrong    ///< not a message that a kernel sends
  };
  Kind kind = Kind::wrong;
  std::uint64_t unique = 0;  ///< names the request in its answer

  std::uint64_t offset = 0;  ///< of a read
  std::uint32_t size = 0;    ///< of a read, at most kFuseMostRead

  std::uint32_t minor = 0;         ///< of a start: the kernel's protocol
  std::uint32_t readahead = 0;     ///< of a start: the most that it wants to read ahead
  std::uint64_t capabilities = 0;  ///< of a start
};

/// Nothing if not even its head is that of a request.
[[nodiscard]] std::optional<FuseRequest> parse_fuse_request(
    std::span<const std::byte> message) noexcept;

/// The heads and bodies of answers.
using FuseHead = std::array<std::byte, 16>;
/// `error`: an errno value, or 0; `size`: of the body.
[[nodiscard]] FuseHead fuse_head(std::uint64_t unique, int error, std::size_t size) noexcept;

using FuseStart = std::array<std::byte, 64>;
/// `timeout_s`: a kernel that supports it (Linux 6.15) ends a connection whose server, even a
/// stopped one, has not answered for this long.
[[nodiscard]] FuseStart fuse_start(const FuseRequest& request, std::uint16_t timeout_s) noexcept;

using FuseAttributes = std::array<std::byte, 104>;
[[nodiscard]] FuseAttributes fuse_attributes(std::uint64_t size) noexcept;

using FuseOpened = std::array<std::byte, 16>;
[[nodiscard]] FuseOpened fuse_opened() noexcept;

using FuseStatfs = std::array<std::byte, 80>;
[[nodiscard]] FuseStatfs fuse_statfs(std::uint64_t size) noexcept;

}  // namespace sifguard
