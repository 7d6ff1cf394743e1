// Nodes of a partition that enforces images which other partitions have, too. Pure.
#include "keystore/doctor/shared_nodes.h"

#include <map>
#include <sstream>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {

std::vector<SharedNode> shared_nodes(std::string_view answer,
                                     const std::vector<std::string>& enforced) {
  std::map<std::string, SharedNode> nodes;
  for (const std::string& line : split(answer, '\n')) {
    std::istringstream words(line);
    std::string node;
    std::string partition;
    std::string more;
    if (!(words >> node >> partition) || words >> more) continue;
    SharedNode& seen = nodes[node];
    seen.node = node;
    const bool enforces = contains(enforced, partition);
    (enforces ? seen.enforced : seen.other) = partition;
  }
  std::vector<SharedNode> shared;
  for (const auto& [name, node] : nodes) {
    if (!node.enforced.empty() && !node.other.empty()) shared.push_back(node);
  }
  return shared;
}

}  // namespace sifguard
