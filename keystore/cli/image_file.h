// Image files that an admin names, for commands that need the file and not its content. Runs with
// the rights of the admin; the bytes are hostile, and only their beginning is examined.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Checks that the regular file begins like a SIF and has the length that its header says: a
/// pointer file, a web page or a part of an image is not the intended file and has another digest.
/// `shown`: its name for messages. Errors: Code::refused, which says what the file is;
/// Code::no_input.
Status check_image_file(int fd, const std::string& shown);

}  // namespace sifguard
