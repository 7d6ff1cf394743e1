// What a published image is called: its file NAME.sif in `published` of sifguard.yaml, its binding
// published-NAME, its key published-NAME-DIGITS. Pure.
#pragma once

#include <string>

#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr std::string_view kPublishedPrefix = "published-";

[[nodiscard]] std::string published_path(const Config& config, const std::string& name);
/// Made by `sifctl image publish`: for this one path, and with a digest.
[[nodiscard]] bool is_published(const Binding& binding, const Config& config);
/// Whether the key was made for an image that was published as `name`.
[[nodiscard]] bool is_key_of_published(const KeyRecord& key, const std::string& name);

}  // namespace sifguard
