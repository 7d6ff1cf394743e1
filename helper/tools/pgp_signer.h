// Signing with an OpenPGP key through the user's own gpg and its agent. The user's rights.
#pragma once

#include <memory>
#include <string>

#include "helper/tools/signer.h"

namespace sifguard {

/// Signs with clearsigned text. `fingerprint` is the primary one, in full; gpg chooses the signing
/// subkey as it always does, from the home directory and with the configuration that the user has.
/// With `passphrase` gpg is given that one; else its agent asks in its own way. Whatever gpg's
/// configuration made of it, a signature is handed out only if sifguard's own verifier would take
/// it. Errors: Code::refused (no such secret key, expired, revoked, unable to sign; a weak digest),
/// Code::unavailable when gpg cannot run.
[[nodiscard]] Result<std::unique_ptr<Signer>> make_pgp_signer(
    const std::string& fingerprint, std::unique_ptr<SecretBytes> passphrase);

}  // namespace sifguard
