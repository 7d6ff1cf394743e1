// Bytes that can be read anywhere, by several threads at once: the seam between what decrypts an
// image, what checks it and where it lies. In the sandbox of `sifguard-imagefs`.
//
// Sources stand on one another: a window of a file at the bottom, a decryption on it, and the file
// server reads the uppermost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "keystore/base/error.h"

namespace sifguard {

class BlockSource {
 public:
  BlockSource() = default;
  BlockSource(const BlockSource&) = delete;
  BlockSource& operator=(const BlockSource&) = delete;
  virtual ~BlockSource() = default;

  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;

  /// Fills `out` with the bytes from `offset` on, all of them or an error, after which `out` holds
  /// nothing that may be used. Errors: Code::refused for bytes that are not what was signed or
  /// encrypted, or end too early; Code::internal for a disk that does not give them or a range
  /// beyond size().
  Status read(std::uint64_t offset, std::span<std::byte> out) const;

 protected:
  /// Within size(), and at least one byte.
  virtual Status read_within(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

}  // namespace sifguard
