// What a published image is called. Pure.
#include "keystore/cli/published_binding.h"

#include "keystore/store/meta.h"

namespace sifguard {
namespace {

constexpr std::size_t kShortDigest = 12;  // digits of the digest in the key's name

}  // namespace

std::string published_path(const Config& config, const std::string& name) {
  return config.published + "/" + name + ".sif";
}

bool is_published(const Binding& binding, const Config& config) {
  return binding.name.starts_with(kPublishedPrefix) && binding.digest &&
         binding.match ==
             std::vector{published_path(config, binding.name.substr(kPublishedPrefix.size()))};
}

bool is_key_of_published(const KeyRecord& key, const std::string& name) {
  const std::string start = std::string(kPublishedPrefix) + name + "-";
  return !key.image.empty() && key.name.starts_with(start) &&
         is_lower_hex(key.name.substr(start.size()), kShortDigest);
}

}  // namespace sifguard
