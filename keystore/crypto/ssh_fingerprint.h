// The name that DSSE signatures of images give to their key: its OpenSSH fingerprint. Any
// privilege.
//
// "SHA256:" and the unpadded base64 of the SHA-256 of the public key in SSH's wire form: RFC 4253
// 6.6 (ssh-rsa), RFC 5656 3.1 (ecdsa-sha2-nistp256, -nistp384, -nistp521), RFC 8709 4
// (ssh-ed25519). `ssh-keygen -l` prints and `apptainer sign --key` writes the same.
#pragma once

#include <openssl/evp.h>

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// The public key, or the public half, in SSH's wire form. Errors: Code::refused for a type or
/// curve that is not named above.
[[nodiscard]] Result<std::string> ssh_public_key(const EVP_PKEY* key);
/// "SHA256:" and 43 characters. Errors: those of ssh_public_key().
[[nodiscard]] Result<std::string> ssh_fingerprint(const EVP_PKEY* key);

}  // namespace sifguard
