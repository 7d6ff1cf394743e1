// Unaligned little-endian numbers in a byte array of known size. Any process, any privilege.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace sifguard::sif {

/// The number of type T at `offset`; the caller guarantees that it lies inside `bytes`.
template <typename T>
[[nodiscard]] T load_le(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  using Unsigned = std::make_unsigned_t<T>;
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = value << 8U | std::to_integer<std::uint64_t>(bytes[offset + i]);
  }
  return static_cast<T>(static_cast<Unsigned>(value));
}

template <typename T>
void store_le(std::span<std::byte> bytes, std::size_t offset, T number) noexcept {
  auto value = static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(number));
  for (std::size_t i = 0; i < sizeof(T); ++i, value >>= 8U) {
    bytes[offset + i] = static_cast<std::byte>(value & 0xffU);
  }
}

}  // namespace sifguard::sif
