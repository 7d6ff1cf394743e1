// Names of file system types and their statfs(2) magic numbers. Pure.
#include "helper/stage/filesystem_type.h"

#include <algorithm>
#include <array>

#include "keystore/base/contains.h"

namespace sifguard {
namespace {

struct Type {
  std::uint64_t magic;
  std::string_view name;
};

// linux/magic.h; zfs, lustre, gpfs and beegfs from their own sources.
constexpr std::array<Type, 11> kTypes = {{
    {0xEF53, "ext4"},
    {0x58465342, "xfs"},
    {0x9123683E, "btrfs"},
    {0x01021994, "tmpfs"},
    {0x794C7630, "overlay"},
    {0x2FC12FC1, "zfs"},
    {0x6969, "nfs"},
    {0x0BD00BD0, "lustre"},
    {0x47504653, "gpfs"},
    {0x19830326, "beegfs"},
    {0x65735546, "fuse"},
}};

}  // namespace

std::string_view filesystem_name(std::uint64_t magic) noexcept {
  const auto* const found = std::find_if(kTypes.begin(), kTypes.end(),
                                         [&](const Type& type) { return type.magic == magic; });
  return found == kTypes.end() ? std::string_view{} : found->name;
}

bool is_trusted_filesystem(std::uint64_t magic, const std::vector<std::string>& trusted) {
  const std::string_view name = filesystem_name(magic);
  return !name.empty() && name != "fuse" && contains(trusted, name);
}

}  // namespace sifguard
