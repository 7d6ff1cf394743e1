// aes-xts-plain64: the sectors of a LUKS device. In the sandbox of `sifguard-imagefs`.
//
// Format (dm-crypt, "plain64"): AES-256-XTS with a key of 64 bytes; the tweak is the sector's
// offset in units of 512 bytes, little-endian, in 16 bytes, also where sectors are larger.
#pragma once

#include <cstdint>
#include <span>

#include "keystore/base/secret.h"

namespace sifguard {

/// Decrypts whole sectors in place; `first` is the number of the first one. There is no tag: bytes
/// that were not encrypted under this key become noise. Errors: Code::internal.
Status decrypt_sectors(const SecretBytes& key, std::uint32_t sector_bytes, std::uint64_t first,
                       std::span<std::byte> sectors);

}  // namespace sifguard
