// How far the file system in a partition says that it reaches. Runs where image.h runs.
//
// Runtimes hand the FUSE drivers an offset into the file but no length. Superblocks: squashfs 4.0
// (magic "hsqs" @0, bytes_used u64 @40), ext2/3/4 (at 1024: blocks u32 @4, log2(block size/1024)
// u32 @24, magic 0xEF53 @56, incompatible features u32 @96, high blocks u32 @336).
#include <algorithm>
#include <array>

#include "helper/sif/little_endian.h"
#include "helper/sif/structure.h"
#include "keystore/base/fd.h"

namespace sifguard::sif {
namespace {

constexpr std::size_t kExtSuperblock = 1024;
constexpr std::size_t kProbeSize = kExtSuperblock + 512;
constexpr std::uint32_t kExt64Bit = 0x80;

/// Bytes of the file system, or nothing when there is no superblock that a driver would accept.
std::optional<std::uint64_t> declared_size(FileSystem kind, std::span<const std::byte> start) {
  if (kind == FileSystem::ext3) {
    if (start.size() < kProbeSize) return std::nullopt;
    const auto super = start.subspan(kExtSuperblock);
    const auto log_block = load_le<std::uint32_t>(super, 24);
    if (load_le<std::uint16_t>(super, 56) != 0xEF53 || log_block > 6) return std::nullopt;
    const bool wide = (load_le<std::uint32_t>(super, 96) & kExt64Bit) != 0;
    const std::uint64_t high = wide ? load_le<std::uint32_t>(super, 336) : 0;
    const std::uint64_t blocks = high << 32U | load_le<std::uint32_t>(super, 4);
    const unsigned shift = 10 + log_block;
    return blocks > (UINT64_MAX >> shift) ? UINT64_MAX : blocks << shift;
  }
  if (kind == FileSystem::squashfs || kind == FileSystem::gocryptfs_squashfs) {
    if (start.size() < 48 || as_text(start.first(4)) != "hsqs") return std::nullopt;
    return load_le<std::uint64_t>(start, 40);
  }
  return std::nullopt;
}

/// Reads the superblock. Errors: Code::refused when it says more than the object has.
Result<std::optional<std::uint64_t>> check_reach(int fd, const Descriptor& object,
                                                 FileSystem kind) {
  std::array<std::byte, kProbeSize> probe{};
  const auto start = std::span(probe).first(std::min<std::uint64_t>(object.size, kProbeSize));
  SG_CHECK(pread_exact(fd, start, object.offset, object.shown()));
  const auto declared = declared_size(kind, start);
  if (declared && *declared > object.size) {
    return fail(Code::refused, "the file system of " + object.shown() + " says it has " +
                                   std::to_string(*declared) + " bytes, more than the object's " +
                                   std::to_string(object.size));
  }
  return declared;
}

}  // namespace

Status check_partition_reach(int fd, const Image& image) {
  for (const Descriptor& object : image.objects) {
    if (!object.partition) continue;
    SG_CHECK(check_reach(fd, object, object.partition->file_system));
  }
  return {};
}

Status check_squashfs(int fd, const Descriptor& object) {
  SG_TRY(const auto declared, check_reach(fd, object, FileSystem::squashfs));
  if (declared) return {};
  return fail(Code::refused, object.shown() + " is no squashfs");
}

}  // namespace sifguard::sif
