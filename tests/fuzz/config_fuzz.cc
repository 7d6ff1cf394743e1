// sifguard.yaml: whatever is taken is within its bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "keystore/policy/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config =
      sifguard::parse_config(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!config) return config.error().code() == sifguard::Code::config ? 0 : (std::abort(), 0);
  for (const std::string& path :
       {config->keystore, config->runtime, config->cache, config->audit_file, config->gpg}) {
    if (path.size() < 2 || path[0] != '/' || path.find("//") != std::string::npos) std::abort();
  }
  const bool bounded = config->cache_max_bytes > 0 && config->image_max_bytes > 0 &&
                       config->stage_timeout_s > 0 && config->verify_timeout_s > 0;
  if (!bounded || config->verifier_user == "root") std::abort();
  return 0;
}
