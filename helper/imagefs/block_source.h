// Bytes that several threads can read at any offset at once: the interface between decrypting an
// image, checking it and the file that holds it. In the sandbox of `sifguard-imagefs`.
//
// Sources are layered: a window of a file is the lowest, a decryption reads from it, and the file
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

  /// Fills all of `out` with the bytes from `offset` on. After an error the content of `out` must
  /// not be used. Errors: Code::refused for bytes that are not what was signed or encrypted, or
  /// that end too early; Code::internal for a disk that cannot read them and for a range beyond
  /// size().
  Status read(std::uint64_t offset, std::span<std::byte> out) const;

 protected:
  /// The range lies within size() and has at least one byte.
  virtual Status read_within(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

}  // namespace sifguard
