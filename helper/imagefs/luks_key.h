// From a password to a LUKS2 volume key. In the sandbox of `sifguard-imagefs`.
//
// Format (cryptsetup, on-disk-format-luks2 and luks1, "AF splitter"): KDF(password) decrypts the
// slot's area, in sectors of 512 bytes that are numbered from its start; its 4000 stripes, merged
// with a diffusion by SHA-256, give the volume key; PBKDF2-SHA-256 of that is the digest.
#pragma once

#include "helper/imagefs/block_source.h"
#include "helper/imagefs/luks_metadata.h"
#include "keystore/base/secret.h"

namespace sifguard {

/// kLuksKey bytes. This takes the time and memory that the header demands: seconds, up to 1 GiB.
/// Errors: Code::refused for a wrong password, those of argon2id().
[[nodiscard]] Result<SecretBytes> luks_volume_key(const BlockSource& partition,
                                                  const LuksMetadata& metadata,
                                                  const SecretBytes& password);

}  // namespace sifguard
