// The files of a keystore as one sequence of bytes: what a backup holds inside its encryption, and
// a bundle inside its signature. Pure.
//
// Format (numbers are big-endian):
//   "SGARCH1\n" ‖ created, Unix seconds (8 bytes) ‖ number of files (4) ‖ files, and nothing after
//   file: length of its name (2) ‖ name ‖ mode (2) ‖ size (4) ‖ content
// Names are relative paths of 1 to 4 components of [A-Za-z0-9._-], none of which starts with a dot
// or a hyphen, in strictly ascending byte order; none is the directory of another. Modes are 0600
// and 0644. So there is one encoding of an archive, and no name that leads out of a directory.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

struct ArchiveFile {
  std::string name;
  mode_t mode = 0600;
  std::span<const std::byte> content;  ///< borrowed
};

struct Archive {
  std::int64_t created = 0;
  std::vector<ArchiveFile> files;  ///< by name
  /// What `files` borrows from, if it is nobody else's.
  std::vector<std::unique_ptr<const std::vector<std::byte>>> held = {};

  /// nullptr if it is not there.
  [[nodiscard]] const ArchiveFile* find(std::string_view name) const noexcept;
  /// Keeps the bytes: the same, wherever the archive moves.
  std::span<const std::byte> hold(std::vector<std::byte> bytes);
  void sort();
};

inline constexpr std::size_t kMaxArchiveFile = 128UL << 20U;
inline constexpr std::size_t kMaxArchiveFiles = 1'000'000;

/// Whether a file may be called so.
[[nodiscard]] bool is_archive_name(std::string_view name) noexcept;
/// By its first bytes.
[[nodiscard]] bool is_archive(std::span<const std::byte> bytes) noexcept;

/// Errors: Code::internal for what decode_archive() would refuse.
[[nodiscard]] Result<std::vector<std::byte>> encode_archive(const Archive& archive);
/// The same where files are secret. Errors: Code::temporary without memory for it, too.
[[nodiscard]] Result<SecretBytes> encode_secret_archive(const Archive& archive);
/// Borrows from `bytes`. Errors: Code::refused, that `what` is malformed.
[[nodiscard]] Result<Archive> decode_archive(std::span<const std::byte> bytes,
                                             std::string_view what);

}  // namespace sifguard
