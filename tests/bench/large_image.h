// Images of any size for benchmarks: one partition of noise, which is no file system. Tests only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "tests/unit/sif/sif_builder.h"

namespace sifguard::test {

/// xorshift64: quick, the same every time, and nothing that hashes fast or compresses.
inline std::string noise(std::size_t size) {
  std::string data(size, '\0');
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    std::memcpy(data.data() + i, &state, 8);
  }
  return data;
}

/// An encrypted image would do as well; a raw partition is not looked into.
inline SifBuilder large_image(std::size_t size) {
  SifBuilder builder;
  builder.add(partition_of(4, 2, noise(size)));
  return builder;
}

}  // namespace sifguard::test
