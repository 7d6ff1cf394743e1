// The images.yaml of a keystore, read and replaced by one command at a time. Runs with the rights
// of the admin.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/atomic_file.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// From reading images.yaml to writing it no other sifctl may change it.
[[nodiscard]] Result<FileLock> lock_images(const Keystore& keystore);

/// The text of images.yaml; empty where there is no such file.
[[nodiscard]] Result<std::string> images_or_none(const Keystore& keystore);

/// What a command that replaces the whole file leaves beside it.
inline constexpr const char* kPreviousImages = "images.yaml.prev";
/// Replaces `before`, the text that was read under the lock, which stays as kPreviousImages.
Status replace_images(Keystore& keystore, std::string_view before, std::string_view text);

}  // namespace sifguard
