// A file that gocryptfs encrypted, read without gocryptfs. Hostile bytes. In the sandbox of
// `sifguard-imagefs`.
#include "helper/imagefs/gocryptfs_file.h"

#include <algorithm>

namespace sifguard {
namespace {

constexpr std::size_t kBlocksAtOnce = 16;
using Sealed = std::array<std::byte, kBlocksAtOnce * GocryptfsFile::kSealedBlock>;

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

bool is_hole(std::span<const std::byte> block) {
  return block.size() == GocryptfsFile::kSealedBlock && is_zero(block);
}

Result<GocryptfsFileId> read_id(const BlockSource& sealed) {
  if (sealed.size() <= GocryptfsFile::kHeader + kGocryptfsOverhead) {
    return fail(Code::refused, "the encrypted file system is too short");
  }
  std::array<std::byte, GocryptfsFile::kHeader> header{};
  SG_CHECK(sealed.read(0, header));
  GocryptfsFileId id;
  std::copy(header.begin() + 2, header.end(), id.begin());
  if (header[0] != std::byte{0} || header[1] != std::byte{2} || is_zero(id)) {
    return fail(Code::refused, "the encrypted file system has no header of gocryptfs' version 2");
  }
  return id;
}

/// Each block is longer than what it holds.
Result<std::uint64_t> plain_size(const BlockSource& sealed) {
  const std::uint64_t body = sealed.size() - GocryptfsFile::kHeader;
  const std::uint64_t last = body % GocryptfsFile::kSealedBlock;
  if (last != 0 && last <= kGocryptfsOverhead) {
    return fail(Code::refused, "the encrypted file system ends within a block");
  }
  const std::uint64_t blocks = body / GocryptfsFile::kSealedBlock + (last != 0 ? 1 : 0);
  return body - blocks * kGocryptfsOverhead;
}

}  // namespace

Result<std::unique_ptr<GocryptfsFile>> GocryptfsFile::open(const BlockSource& sealed,
                                                           SecretBytes content_key) {
  SG_TRY(const GocryptfsFileId id, read_id(sealed));
  SG_TRY(const std::uint64_t size, plain_size(sealed));
  std::unique_ptr<GocryptfsFile> file(new GocryptfsFile(sealed, std::move(content_key), id, size));
  SG_CHECK(file->check_ends());
  return file;
}

Status GocryptfsFile::check_ends() const {
  std::array<std::byte, 1> byte{};
  SG_CHECK(read(0, byte));
  return read(size() - 1, byte);
}

Status GocryptfsFile::read_blocks(std::uint64_t first, std::span<std::byte> out) const {
  SG_TRY(GocryptfsBlocks blocks, GocryptfsBlocks::under(key_));
  constexpr std::size_t kAtOnce = kBlocksAtOnce * kPlainBlock;
  for (; !out.empty(); first += kBlocksAtOnce) {
    const auto some = out.first(std::min(out.size(), kAtOnce));
    SG_CHECK(open_blocks(blocks, first, some));
    out = out.subspan(some.size());
  }
  return {};
}

Status GocryptfsFile::open_blocks(GocryptfsBlocks& blocks, std::uint64_t first,
                                  std::span<std::byte> out) const {
  Sealed memory;
  const std::size_t count = (out.size() + kPlainBlock - 1) / kPlainBlock;
  std::span<std::byte> sealed = std::span(memory).first(out.size() + count * kGocryptfsOverhead);
  SG_CHECK(sealed_.read(kHeader + first * kSealedBlock, sealed));
  for (std::uint64_t number = first; !out.empty(); ++number) {
    const auto block = sealed.first(std::min(sealed.size(), kSealedBlock));
    const auto plain = out.first(block.size() - kGocryptfsOverhead);
    if (is_hole(block)) {
      std::ranges::fill(plain, std::byte{0});
    } else if (!blocks.open(block, number, id_, plain)) {
      return fail(Code::refused, "block " + std::to_string(number) +
                                     " of the encrypted file system is not authentic");
    }
    sealed = sealed.subspan(block.size());
    out = out.subspan(plain.size());
  }
  return {};
}

}  // namespace sifguard
