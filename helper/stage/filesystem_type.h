// Names of file system types and their statfs(2) magic numbers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

/// The name used in sifguard.yaml ("ext4"; also for ext2 and ext3), or empty when unknown.
[[nodiscard]] std::string_view filesystem_name(std::uint64_t magic) noexcept;

/// Whether the identity numbers of files there can be trusted: the type is named in `trusted` and
/// is not FUSE, whose server is a user's program and can return any number.
[[nodiscard]] bool is_trusted_filesystem(std::uint64_t magic,
                                         const std::vector<std::string>& trusted);

}  // namespace sifguard
