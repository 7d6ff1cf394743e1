// Makes a verdict from what gpg reports about one signature. Pure, on GPGME's data structures.
#pragma once

#include <gpgme.h>

#include <string>
#include <vector>

#include "keystore/crypto/openpgp.h"
#include "keystore/crypto/openpgp_packet.h"

namespace sifguard {

/// `key` is the certificate of the session's keyring that holds the signing key or subkey; null if
/// none does. `weak` are fingerprints of keys and subkeys whose signatures do not count. When
/// several things are wrong, the gravest status is returned.
[[nodiscard]] PgpVerdict reach_verdict(const _gpgme_signature& signature, const _gpgme_key* key,
                                       const SignaturePacket& packet,
                                       const std::vector<std::string>& weak);

}  // namespace sifguard
