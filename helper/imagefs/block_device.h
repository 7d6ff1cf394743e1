// A source whose format encrypts it block by block: to read part of a block, the whole block is
// decrypted. In the sandbox of `sifguard-imagefs`.
#pragma once

#include "helper/imagefs/block_source.h"

namespace sifguard {

class BlockDevice : public BlockSource {
 public:
  static constexpr std::size_t kMaxBlock = 4096;

  [[nodiscard]] std::uint64_t size() const noexcept final { return size_; }

 protected:
  /// `block_bytes` is at most kMaxBlock; the last block may be shorter.
  BlockDevice(std::uint64_t size, std::size_t block_bytes)
      : size_(size), block_bytes_(block_bytes) {}

  /// Fills `out` with whole blocks, beginning with number `first`; only the last block of the
  /// source may be shorter.
  virtual Status read_blocks(std::uint64_t first, std::span<std::byte> out) const = 0;

 private:
  Status read_within(std::uint64_t offset, std::span<std::byte> out) const final;
  Status read_part(std::uint64_t offset, std::span<std::byte> out) const;

  std::uint64_t size_;
  std::size_t block_bytes_;
};

}  // namespace sifguard
