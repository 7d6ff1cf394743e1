// Nodes of a partition that enforces images that are also in other partitions. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

struct SharedNode {
  std::string node;
  std::string enforced;  ///< a partition that enforces
  std::string other;     ///< one that does not
};

/// From `sinfo --noheader --all --Node --format="%N %R"`, with "NODE PARTITION" on each line;
/// sorted by node. Lines of another form are ignored.
[[nodiscard]] std::vector<SharedNode> shared_nodes(std::string_view answer,
                                                   const std::vector<std::string>& enforced);

}  // namespace sifguard
