// Names of filesystem types and their statfs(2) magic numbers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

/// The name used in sifguard.yaml ("ext4"; also for ext2 and ext3), or empty when unknown.
[[nodiscard]] std::string_view filesystem_name(std::uint64_t magic) noexcept;

/// Whether identity numbers of files there may be believed: named in `trusted` and not FUSE, whose
/// server, a user's program, can return any number it likes.
[[nodiscard]] bool is_trusted_filesystem(std::uint64_t magic,
                                         const std::vector<std::string>& trusted);

}  // namespace sifguard
