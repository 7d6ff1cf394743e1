// The images.yaml of a keystore, read and replaced by one command at a time. Runs with the rights
// of the admin.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/atomic_file.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Hold it from reading images.yaml until writing it, so that no other sifctl changes it meanwhile.
[[nodiscard]] Result<FileLock> lock_images(const Keystore& keystore);

/// The text of images.yaml; empty if there is no such file.
[[nodiscard]] Result<std::string> images_or_none(const Keystore& keystore);

/// The copy of the old file that a command leaves when it replaces the whole file.
inline constexpr const char* kPreviousImages = "images.yaml.prev";
/// Replaces `before`, the text that was read under the lock; `before` is kept as kPreviousImages.
Status replace_images(Keystore& keystore, std::string_view before, std::string_view text);

}  // namespace sifguard
