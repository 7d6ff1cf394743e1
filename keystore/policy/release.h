// How a job gets the use of an encrypted image's key, and what mounts its root. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

class YamlView;

enum class Release : std::uint8_t {
  pem,   ///< the runtime gets a key for this copy alone, and decrypts itself
  mount  ///< no key leaves root: the job runs the decrypted root as a directory
};

/// What reads the squashfs of a mounted root: the kernel, or a sandboxed squashfuse.
enum class MountDriver : std::uint8_t { kernel, fuse };

[[nodiscard]] std::string_view release_name(Release release) noexcept;
/// The release of this name.
[[nodiscard]] std::optional<Release> release_of(std::string_view word) noexcept;
/// Errors: Code::config, for any other word.
[[nodiscard]] Result<Release> read_release(const YamlView& field);

[[nodiscard]] std::string_view driver_name(MountDriver driver) noexcept;
/// Errors: Code::config, for any other word.
[[nodiscard]] Result<MountDriver> read_driver(const YamlView& field);

}  // namespace sifguard
