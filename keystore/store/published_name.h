// The names of a published image: its file is NAME.sif in `published` of sifguard.yaml, its binding
// published-NAME, its key published-NAME-DIGITS. Pure.
#pragma once

#include <string>

#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// "NAME.sif", in the directory of published images.
[[nodiscard]] std::string published_file(const std::string& name);
[[nodiscard]] std::string published_path(const Config& config, const std::string& name);
[[nodiscard]] std::string published_binding(const std::string& name);
/// The name of the key for the published file with this digest, "sha256:…".
[[nodiscard]] std::string published_key(const std::string& name, const std::string& digest);

/// Whether `sifctl image publish` made the binding: it is for exactly one published path, and has a
/// digest.
[[nodiscard]] bool is_published(const Binding& binding, const Config& config);
/// NAME, for a binding that is_published().
[[nodiscard]] std::string published_name(const Binding& binding);
/// Whether the key was made for an image that was published as `name`.
[[nodiscard]] bool is_key_of_published(const KeyRecord& key, const std::string& name);

}  // namespace sifguard
