// The messages between the kernel and a FUSE server of one read-only file: what is asked, and what
// is answered. Pure. In the sandbox of `sifguard-imagefs`.
//
// Format: <linux/fuse.h>, protocol 7.23 (Linux 3.15) and later, in the byte order of the machine.
// The root of the file system is the file itself (the mount says rootmode=100000), so nothing is
// ever looked up. The kernel is trusted, yet a message of another shape than expected is answered
// with an error and not believed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sifguard {

/// Room for any request; the kernel insists on it.
inline constexpr std::size_t kFuseRequest = 8192;
/// The most that one read may ask for, told at the start.
inline constexpr std::uint32_t kFuseMostRead = 256 * 1024;

struct FuseRequest {
  enum class Kind : std::uint8_t {
    start,       ///< the kernel says what it can
    attributes,  ///< of the file
    open,
    read,
    close,   ///< one open file, or an end of writing: nothing to do
    statfs,  ///< of the file system
    silent,  ///< that nobody waits for an answer to: interrupted, forgotten
    finish,  ///< the file system is unmounted
    other,   ///< that a file that is only read has no need for
    wrong    ///< none that a kernel sends
  };
  Kind kind = Kind::wrong;
  std::uint64_t unique = 0;  ///< names the request in its answer

  std::uint64_t offset = 0;  ///< of a read
  std::uint32_t size = 0;    ///< of a read, at most kFuseMostRead

  std::uint32_t minor = 0;         ///< of a start: the kernel's protocol
  std::uint32_t readahead = 0;     ///< of a start: the most that it wants to read ahead
  std::uint64_t capabilities = 0;  ///< of a start
};

/// Nothing when not even the head is one.
[[nodiscard]] std::optional<FuseRequest> parse_fuse_request(
    std::span<const std::byte> message) noexcept;

/// The heads and bodies of answers.
using FuseHead = std::array<std::byte, 16>;
/// `error`: an errno value, or 0; `size`: of the body.
[[nodiscard]] FuseHead fuse_head(std::uint64_t unique, int error, std::size_t size) noexcept;

using FuseStart = std::array<std::byte, 64>;
/// `timeout_s`: after which a kernel that can (Linux 6.15) ends a connection whose server does not
/// answer, also one that is stopped.
[[nodiscard]] FuseStart fuse_start(const FuseRequest& request, std::uint16_t timeout_s) noexcept;

using FuseAttributes = std::array<std::byte, 104>;
[[nodiscard]] FuseAttributes fuse_attributes(std::uint64_t size) noexcept;

using FuseOpened = std::array<std::byte, 16>;
[[nodiscard]] FuseOpened fuse_opened() noexcept;

using FuseStatfs = std::array<std::byte, 80>;
[[nodiscard]] FuseStatfs fuse_statfs(std::uint64_t size) noexcept;

}  // namespace sifguard
