// The mount calls of Linux 5.2 and later, which the oldest C library that we support does not have.
// Root. Each returns -1 with errno; ENOSYS where the kernel does not have the call.
//
// Format: <linux/mount.h>, which cannot be included together with <sys/mount.h> everywhere.
#pragma once

#include <cstdint>

namespace sifguard::mount_calls {

inline constexpr std::uint32_t kReadOnly = 1;  ///< MOUNT_ATTR_…
inline constexpr std::uint32_t kNoSetuid = 2;
inline constexpr std::uint32_t kNoDevices = 4;
inline constexpr std::uint32_t kNoExec = 8;

/// Descriptor of a file system that is being configured.
[[nodiscard]] int open_filesystem(const char* type) noexcept;
[[nodiscard]] int set_string(int filesystem, const char* name, const char* value) noexcept;
[[nodiscard]] int set_flag(int filesystem, const char* name) noexcept;
[[nodiscard]] int create(int filesystem) noexcept;
/// Descriptor of a mount of it that is not visible; `attributes`: kReadOnly, ….
[[nodiscard]] int mount_detached(int filesystem, std::uint32_t attributes) noexcept;
/// Puts a detached mount on a path.
[[nodiscard]] int place(int mount, const char* path) noexcept;
/// Shows ids of the file system as `user_namespace` maps them (Linux 5.12); the mount must be
/// detached.
[[nodiscard]] int map_ids(int mount, int user_namespace) noexcept;

}  // namespace sifguard::mount_calls
