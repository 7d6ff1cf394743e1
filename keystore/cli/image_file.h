// Image files that an admin names, where what counts is the file and not what is in it. Runs with
// the rights of the admin; the bytes are hostile, and only their beginning is looked at.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Whether the regular file begins as a SIF and is as long as that says: a pointer, a page or a
/// piece of an image is another file than the one that is meant, with another digest. `shown`: its
/// name for messages. Errors: Code::refused, which names what it is; Code::no_input.
Status check_image_file(int fd, const std::string& shown);

}  // namespace sifguard
