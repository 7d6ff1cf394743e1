// What a launch reads on its node before it looks at the request. Root.
#include "helper/pipeline/node.h"

#include <filesystem>

namespace sifguard {

Result<Config> read_config(const std::string& path) {
  return load_config(path, Trust{0});
}

Result<Node> read_node(const Config& config) {
  SG_CHECK(check_trusted_program(config.runtime, Trust{0}));
  SG_TRY(Keystore keystore, Keystore::open(config.keystore, Trust{0}));
  auto policy = PolicyReader::load(keystore);
  if (!policy) return tl::unexpected(std::move(policy).error().prepend(config.keystore));
  Node node{config, std::move(keystore), *std::move(policy)};
  // What was given in an emergency and cannot be read lets nobody pass, and stops nobody else.
  if (auto grants = break_glass_grants(node.keystore)) node.break_glass = *std::move(grants);
  return node;
}

std::string variable_prefix_of(const std::string& runtime) {
  std::error_code ignored;
  const auto program = std::filesystem::canonical(runtime, ignored);
  return program.filename() == "singularity" ? "SINGULARITYENV_" : "APPTAINERENV_";
}

}  // namespace sifguard
