// The data of a LUKS2 partition, without device-mapper. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/luks_volume.h"

#include "helper/imagefs/luks_sectors.h"

namespace sifguard {

Status LuksVolume::read_blocks(std::uint64_t first, std::span<std::byte> out) const {
  SG_CHECK(partition_.read(offset_ + first * sector_, out));
  return decrypt_sectors(key_, sector_, first, out);
}

}  // namespace sifguard
