// A file that is said to be gocryptfs': without the key nothing opens but holes, which are zeros,
// and no read goes beyond the file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "helper/imagefs/gocryptfs_file.h"
#include "tests/unit/imagefs/memory_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  const test::MemorySource sealed(std::string(reinterpret_cast<const char*>(data), size));
  auto key = SecretBytes::allocate(kGocryptfsKey);
  const auto file = GocryptfsFile::open(sealed, *std::move(key));
  if (!file) return 0;
  if ((*file)->size() >= size) std::abort();
  const std::string plain = test::read_all(**file);
  const bool zeros = std::ranges::all_of(plain, [](char c) { return c == '\0'; });
  if (!zeros && !plain.starts_with("ERROR: block")) std::abort();
  return 0;
}
