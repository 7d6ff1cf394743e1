// The one check of ranges for all sources. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/block_source.h"

namespace sifguard {

Status BlockSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > size() || out.size() > size() - offset) {
    return fail(Code::internal, "a read beyond the end of the image");
  }
  if (out.empty()) return {};
  return read_within(offset, out);
}

}  // namespace sifguard
