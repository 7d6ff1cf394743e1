// The header of a SIF image, from hostile bytes. Pure: eight numbers out of 128 bytes, each
// bounded. Runs in the sandboxed verifier, in tools as the user, and, as the only part of the
// format that is read there, in the root helper, which asks for it before an image gets room in the
// cache.
#pragma once

#include "helper/sif/image.h"
#include "helper/sif/structure.h"

namespace sifguard::sif {

struct Header {
  std::uint64_t descriptors_free = 0;
  std::uint64_t descriptors_total = 0;
  Extent table;  ///< inside the file
  Extent data;   ///< inside the file
};

/// Errors: Code::refused, one sentence that names the field and its value.
[[nodiscard]] Result<Header> decode_header(const RawHeader& raw, std::uint64_t file_size);

}  // namespace sifguard::sif
