// Copies an open file into another, as fast as the file system can. With the caller's rights.
// Internal to helper/sif.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "keystore/base/error.h"

namespace sifguard::sif {

/// The first `size` bytes of `from` become the content of the empty file `to`: by sharing blocks if
/// possible, else by a copy in the kernel, else by reading and writing. `shown` names the source in
/// errors; `on_copied` gets the number of bytes of each step. Errors: Code::cannot_write;
/// Code::no_input when `from` cannot be read or ends earlier.
Status copy_file(int from, int to, std::uint64_t size, const std::string& shown,
                 const std::function<void(std::uint64_t)>& on_copied);

/// Copies access control lists and all other extended attributes of `from`. Attributes that the
/// caller may not set or the file system does not support are left out. Errors: Code::cannot_write
/// when there is no space.
Status copy_extended_attributes(int from, int to, const std::string& shown);

}  // namespace sifguard::sif
