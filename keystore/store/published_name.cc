// The names of a published image. Pure.
#include "keystore/store/published_name.h"

#include "keystore/store/meta.h"

namespace sifguard {
namespace {

constexpr std::string_view kPrefix = "published-";
constexpr std::string_view kAlgorithm = "sha256:";
constexpr std::size_t kShortDigest = 12;  // digits of the digest in the key's name

std::string start_of_key(const std::string& name) {
  return published_binding(name) + "-";
}

}  // namespace

std::string published_file(const std::string& name) {
  return name + ".sif";
}

std::string published_path(const Config& config, const std::string& name) {
  return config.published + "/" + published_file(name);
}

std::string published_binding(const std::string& name) {
  return std::string(kPrefix) + name;
}

std::string published_key(const std::string& name, const std::string& digest) {
  return start_of_key(name) + digest.substr(kAlgorithm.size(), kShortDigest);
}

bool is_published(const Binding& binding, const Config& config) {
  return binding.name.starts_with(kPrefix) && binding.digest &&
         binding.match == std::vector{published_path(config, published_name(binding))};
}

std::string published_name(const Binding& binding) {
  return binding.name.substr(kPrefix.size());
}

bool is_key_of_published(const KeyRecord& key, const std::string& name) {
  const std::string start = start_of_key(name);
  return !key.image.empty() && key.name.starts_with(start) &&
         is_lower_hex(key.name.substr(start.size()), kShortDigest);
}

}  // namespace sifguard
