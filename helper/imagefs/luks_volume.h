// The data of a LUKS2 partition, without device-mapper. In the sandbox of `sifguard-imagefs`.
//
// XTS authenticates nothing: the digest of the partition must have been checked before.
#pragma once

#include "helper/imagefs/block_device.h"
#include "helper/imagefs/luks_metadata.h"
#include "keystore/base/secret.h"

namespace sifguard {

class LuksVolume : public BlockDevice {
 public:
  /// `metadata` must be that of `partition`, which must outlive the volume. The key of another
  /// image gives noise.
  LuksVolume(const BlockSource& partition, const LuksMetadata& metadata, SecretBytes key)
      : BlockDevice(partition.size() - metadata.data_offset, metadata.sector),
        partition_(partition),
        key_(std::move(key)),
        offset_(metadata.data_offset),
        sector_(metadata.sector) {}

 private:
  Status read_blocks(std::uint64_t first, std::span<std::byte> out) const override;

  const BlockSource& partition_;
  SecretBytes key_;
  std::uint64_t offset_;
  std::uint32_t sector_;
};

}  // namespace sifguard
