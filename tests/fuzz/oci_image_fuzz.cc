// Fuzzes the reader of OCI-SIFs. What it accepts is made of every object but signatures, each once.
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "helper/sif/oci_image.h"
#include "keystore/base/fd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  if (!write_all(fd.get(), bytes, "input")) std::abort();
  const auto image = sif::read_image(fd.get());
  if (!image) return 0;
  const auto oci = sif::read_oci_image(fd.get(), *image);
  if (!oci) return 0;
  std::vector<std::size_t> parts = oci->layers;
  parts.insert(parts.end(), {oci->config, oci->manifest, oci->root_index});
  std::sort(parts.begin(), parts.end());
  const bool once = std::adjacent_find(parts.begin(), parts.end()) == parts.end();
  const auto signatures = static_cast<std::size_t>(
      std::count_if(image->objects.begin(), image->objects.end(),
                    [](const auto& one) { return one.type == sif::DataType::signature; }));
  if (!once || parts.back() >= image->objects.size() || oci->layers.empty() ||
      parts.size() + signatures != image->objects.size()) {
    std::abort();
  }
  return 0;
}
