// Decoding one 585-byte descriptor. Runs where image.h runs. Internal to helper/sif.
#pragma once

#include "helper/sif/image.h"

namespace sifguard::sif {

/// The descriptor of table slot `slot` (for messages), or nothing when the slot is unused.
/// `file_size` bounds offset and size. Errors: Code::refused.
[[nodiscard]] Result<std::optional<Descriptor>> decode_descriptor(const RawDescriptor& raw,
                                                                  std::size_t slot,
                                                                  std::uint64_t file_size);

}  // namespace sifguard::sif
