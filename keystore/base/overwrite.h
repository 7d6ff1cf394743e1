// Overwrites a file before its last name is removed. The caller's privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Fills an open file with zeros over its whole length, durably.
Status overwrite_file(int fd, const std::string& shown);

}  // namespace sifguard
