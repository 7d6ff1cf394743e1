// A source that its format encrypts block by block. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/block_device.h"

#include <algorithm>
#include <array>

namespace sifguard {

Status BlockDevice::read_within(std::uint64_t offset, std::span<std::byte> out) const {
  if (const std::uint64_t into = offset % block_bytes_; into != 0) {
    const auto head = out.first(std::min<std::uint64_t>(block_bytes_ - into, out.size()));
    SG_CHECK(read_part(offset, head));
    offset += head.size();
    out = out.subspan(head.size());
  }
  const bool to_the_end = out.size() == size_ - offset;
  const auto whole = to_the_end ? out : out.first(out.size() - out.size() % block_bytes_);
  if (!whole.empty()) SG_CHECK(read_blocks(offset / block_bytes_, whole));
  const auto tail = out.subspan(whole.size());
  return tail.empty() ? Status() : read_part(offset + whole.size(), tail);
}

/// Of one block, which is not wanted whole.
Status BlockDevice::read_part(std::uint64_t offset, std::span<std::byte> out) const {
  std::array<std::byte, kMaxBlock> memory;
  const std::uint64_t into = offset % block_bytes_;
  const std::uint64_t start = offset - into;
  const auto block = std::span(memory).first(std::min<std::uint64_t>(block_bytes_, size_ - start));
  SG_CHECK(read_blocks(start / block_bytes_, block));
  std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(into), out.size(), out.begin());
  return {};
}

}  // namespace sifguard
