// From a password to the key of a gocryptfs directory's files. In the sandbox of
// `sifguard-imagefs`.
//
// Format (gocryptfs 2): scrypt(password) → HKDF-SHA256 → key that opens the wrapped master key →
// HKDF-SHA256 → content key; both times without salt and with the info "AES-GCM file content
// encryption".
#pragma once

#include "helper/imagefs/gocryptfs_conf.h"
#include "keystore/base/secret.h"

namespace sifguard {

/// 32 bytes. This takes a quarter of a second and 64 MiB with the cost that gocryptfs sets. Errors:
/// Code::refused for a wrong password, Code::temporary without memory, Code::config where OpenSSL
/// has no scrypt (FIPS mode).
[[nodiscard]] Result<SecretBytes> gocryptfs_content_key(const GocryptfsConf& conf,
                                                        const SecretBytes& password);

}  // namespace sifguard
