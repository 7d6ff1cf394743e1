// A file that gocryptfs encrypted, read without gocryptfs. Hostile bytes. In the sandbox of
// `sifguard-imagefs`.
//
// Format (gocryptfs 2, internal/contentenc): version (u16, big-endian, 2) ‖ file id (16 bytes) ‖
// blocks of 4096 plain bytes, the last one shorter, each as in gocryptfs_block.h. A whole block of
// zeros is a hole and reads as zeros, as in gocryptfs.
#pragma once

#include <memory>

#include "helper/imagefs/block_device.h"
#include "helper/imagefs/gocryptfs_block.h"

namespace sifguard {

class GocryptfsFile : public BlockDevice {
 public:
  static constexpr std::size_t kPlainBlock = 4096;
  static constexpr std::size_t kSealedBlock = kPlainBlock + kGocryptfsOverhead;
  static constexpr std::size_t kHeader = 2 + sizeof(GocryptfsFileId);

  /// `sealed` must outlive it. This decrypts the first and the last block, so that the key of
  /// another image, and a file that was truncated or extended, are refused here. Errors:
  /// Code::refused.
  [[nodiscard]] static Result<std::unique_ptr<GocryptfsFile>> open(const BlockSource& sealed,
                                                                   SecretBytes content_key);

 private:
  GocryptfsFile(const BlockSource& sealed, SecretBytes key, const GocryptfsFileId& id,
                std::uint64_t size)
      : BlockDevice(size, kPlainBlock), sealed_(sealed), key_(std::move(key)), id_(id) {}
  Status read_blocks(std::uint64_t first, std::span<std::byte> out) const override;
  Status open_blocks(GocryptfsBlocks& blocks, std::uint64_t first, std::span<std::byte> out) const;
  Status check_ends() const;

  const BlockSource& sealed_;
  SecretBytes key_;
  GocryptfsFileId id_;
};

}  // namespace sifguard
