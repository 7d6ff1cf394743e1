// The messages between root and the opener (or, for an image on a server, the puller) over one
// socket pair. Plain bytes, native order.
//
//   root -> opener   OpenRequest
//   opener -> root   OpenReport
//   root -> puller   for a repository, any number of times: kSameAs or kTags (one byte), and a tag
//                    or digest in kReferenceBytes, padded with NUL
//   puller -> root   SameAs; or TagsReport followed by its `size` bytes of tags, one on each line
//   root -> opener   kStream (one byte), or it closes the socket when the bytes are not needed
//   opener -> root   the file's bytes, through the data pipe, to the end of file
#pragma once

#include <array>
#include <cstdint>

namespace sifguard {

inline constexpr int kOpenerControlFd = 3;
inline constexpr int kOpenerDataFd = 4;
inline constexpr std::uint8_t kStream = 'S';
inline constexpr std::uint8_t kSameAs = '=';
inline constexpr std::uint8_t kTags = 'T';
inline constexpr std::size_t kReferenceBytes = 256;
inline constexpr std::size_t kMaxTags = std::size_t{1} << 20U;  // bytes of a TagsReport
inline constexpr std::size_t kPathBytes = 4096;                 // PATH_MAX, with its NUL

struct OpenRequest {
  std::array<char, kPathBytes> directory;  ///< NUL-terminated, absolute
  std::array<char, kPathBytes> image;      ///< NUL-terminated
};

enum class OpenStatus : std::uint32_t {
  opened = 0,
  directory_failed = 1,
  open_failed = 2,
  not_regular = 3,        ///< `detail` is the file type bits of st_mode
  pseudo_filesystem = 4,  ///< proc, sysfs and the like
  no_path = 5,            ///< unlinked, or not reachable by the path that the kernel gives
  remote_failed = 7,      ///< `detail` is a Code, `canonical` its message
  traceable =
      6,  ///< processes of the same uid could trace the opener, so its report cannot be trusted
};

struct OpenReport {
  OpenStatus status = OpenStatus::open_failed;
  std::int32_t detail = 0;          ///< errno, or what the status says
  std::uint64_t filesystem = 0;     ///< f_type of statfs(2)
  std::uint64_t filesystem_id = 0;  ///< f_fsid of statfs(2)
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  std::array<char, kPathBytes> canonical{};  ///< NUL-terminated
  // For a pulled image; the fields above about a file are then zero except `size`:
  std::array<char, 65> content{};     ///< SHA-256, hexadecimal, as the registry says; or empty
  std::array<char, 256> validator{};  ///< changes when the content does; or empty
  std::array<char, 80> named{};       ///< the digest that a tag means, as a reference; or empty
};

/// Whether a tag or digest means the image that was found.
enum class SameAs : std::uint32_t { other = 0, same = 1, unknown = 2 };

struct TagsReport {
  std::uint32_t known = 0;  ///< 0: the registry does not list them
  std::uint32_t size = 0;   ///< of what follows, at most kMaxTags
};

}  // namespace sifguard
