// Overwriting a file before its last name goes. The caller's privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Fills an open file with zeros, durably, as long as it is.
Status overwrite_file(int fd, const std::string& shown);

}  // namespace sifguard
