// Signs with an OpenPGP key through the user's own gpg and its agent. The user's rights.
#pragma once

#include <memory>
#include <string>

#include "helper/tools/signer.h"

namespace sifguard {

/// Signs with clearsigned text. `fingerprint` is that of the primary key, in full. gpg uses the
/// user's home directory and configuration and chooses the signing subkey as always. `passphrase`,
/// if given, is passed to gpg; else its agent asks in its usual way. Whatever gpg's configuration
/// is, a signature is returned only if sifguard's own verifier would accept it. Errors:
/// Code::refused (no such secret key, expired, revoked, unable to sign; a weak digest),
/// Code::unavailable when gpg cannot run.
[[nodiscard]] Result<std::unique_ptr<Signer>> make_pgp_signer(
    const std::string& fingerprint, std::unique_ptr<SecretBytes> passphrase);

}  // namespace sifguard
