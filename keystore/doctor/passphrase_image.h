// Whether an image file was encrypted with a passphrase, which no job can give. The rights of the
// admin for opening it; what is in it reads sif-list, as nobody.
#pragma once

#include <string>

namespace sifguard {

/// False also of what cannot be read, is no image, or where sif-list is not installed.
[[nodiscard]] bool is_passphrase_image(const std::string& path);

/// "the image PATH is encrypted with a passphrase, …", and what to do about it.
[[nodiscard]] std::string passphrase_problem(const std::string& path);
extern const char* const kPassphraseRemedy;

}  // namespace sifguard
