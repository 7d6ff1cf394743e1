// The files of a keystore as one sequence of bytes: the content of a backup, inside its encryption,
// and of a bundle, inside its signature. Pure.
//
// Format (numbers are big-endian):
//   "SGARCH1\n" ‖ created, Unix seconds (8 bytes) ‖ number of files (4) ‖ files, and nothing after
//   file: length of its name (2) ‖ name ‖ mode (2) ‖ size (4) ‖ content
// Names are relative paths of 1 to 4 components of [A-Za-z0-9._-], none of which starts with a dot
// or a hyphen, in strictly ascending byte order; none is the directory of another. Modes are 0600
// and 0644. So an archive has only one encoding, and no name leads out of the directory.
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
  /// Bytes to which `files` refers, if the archive owns them.
  std::vector<std::unique_ptr<const std::vector<std::byte>>> held = {};

  /// nullptr if there is none.
  [[nodiscard]] const ArchiveFile* find(std::string_view name) const noexcept;
  /// Takes ownership of the bytes, whose address stays the same when the archive is moved.
  std::span<const std::byte> hold(std::vector<std::byte> bytes);
  void sort();
};

inline constexpr std::size_t kMaxArchiveFile = 128UL << 20U;
inline constexpr std::size_t kMaxArchiveFiles = 1'000'000;

/// Whether a file may have this name.
[[nodiscard]] bool is_archive_name(std::string_view name) noexcept;
/// Whether it is an archive, by its first bytes.
[[nodiscard]] bool is_archive(std::span<const std::byte> bytes) noexcept;

/// Errors: Code::internal for an archive that decode_archive() would refuse.
[[nodiscard]] Result<std::vector<std::byte>> encode_archive(const Archive& archive);
/// The same for secret files. Errors: also Code::temporary without memory.
[[nodiscard]] Result<SecretBytes> encode_secret_archive(const Archive& archive);
/// The result refers to `bytes`. Errors: Code::refused, which says that `what` is malformed.
[[nodiscard]] Result<Archive> decode_archive(std::span<const std::byte> bytes,
                                             std::string_view what);

}  // namespace sifguard
