// Fuzzes the statement parser. What it accepts has strong digests of exact length.
#include <cstdint>
#include <cstdlib>

#include "helper/verify/sandbox/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sifguard::Digest;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto statement = sifguard::parse_statement(bytes);
  if (!statement) return 0;
  const auto exact = [](const Digest& digest) {
    return digest.value.size() == sifguard::digest_size(digest.algorithm);
  };
  bool good = exact(statement->header) && !statement->objects.empty();
  for (const auto& object : statement->objects) {
    good = good && exact(object.descriptor) && exact(object.object);
  }
  if (!good) std::abort();
  return 0;
}
