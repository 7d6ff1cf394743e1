// Whether an image file was encrypted by a passphrase, which no job can give. The file is opened
// with the rights of the admin; sif-list reads its content as the user nobody.
#pragma once

#include <string>

namespace sifguard {

/// Also false if the file cannot be read or is not an image, or sif-list is not installed.
[[nodiscard]] bool is_passphrase_image(const std::string& path);

/// "the image PATH is encrypted with a passphrase, …", and what to do about it.
[[nodiscard]] std::string passphrase_problem(const std::string& path);
extern const char* const kPassphraseRemedy;

}  // namespace sifguard
