// Fuzzes the SIF reader. What it accepts must keep the promises of image.h.
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/sif/image.h"
#include "keystore/base/fd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const sifguard::UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  if (!sifguard::write_all(fd.get(), bytes, "input")) std::abort();
  const auto image = sifguard::sif::read_image(fd.get());
  if (!image) return 0;
  for (const auto& object : image->objects) {
    const bool inside = object.offset <= size && object.size <= size - object.offset;
    if (!inside || object.id == 0 || object.shown().empty()) std::abort();
  }
  if (image->primary && *image->primary >= image->objects.size()) std::abort();
  if (image->crypto_message && *image->crypto_message >= image->objects.size()) std::abort();
  return 0;
}
