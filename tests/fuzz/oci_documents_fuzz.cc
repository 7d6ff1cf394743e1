// Fuzzes the readers of an OCI image's documents. The first byte says which; what they accept keeps
// the promises of oci_json.h.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/sif/oci_json.h"

namespace {

using namespace sifguard::sif;

void check(bool good) {
  if (!good) std::abort();
}

void check(const OciReference& reference) {
  check(is_oci_digest(reference.digest));
}

void check_config(const OciConfig& config) {
  std::size_t bytes = config.working_dir.size();
  for (const auto* list : {&config.env, &config.entrypoint, &config.cmd}) {
    for (const std::string& word : *list) {
      check(word.find('\0') == std::string::npos);
      bytes += word.size();
    }
  }
  for (const std::string& one : config.env) check(one.find('=', 1) != std::string::npos);
  check(bytes <= kMaxOciText && config.env.size() < kMaxOciWords);
  check(config.working_dir.empty() || config.working_dir.front() == '/');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'i') {
    const auto index = parse_oci_index(text);
    if (!index) return 0;
    for (const OciReference& one : *index) check(one);
  } else if (data[0] == 'm') {
    const auto manifest = parse_oci_manifest(text, "application/vnd.oci.image.manifest.v1+json");
    if (!manifest) return 0;
    check(manifest->config);
    for (const OciReference& one : manifest->layers) check(one);
  } else if (const auto config = parse_oci_config(text)) {
    check_config(*config);
  }
  return 0;
}
