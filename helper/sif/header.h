// The header of a SIF image, from hostile bytes. Pure: it reads eight numbers from 128 bytes and
// checks each. Runs in the sandboxed verifier, in tools as the user, and in the root helper, which
// checks it before an image gets room in the cache; root reads no other part of the format.
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
