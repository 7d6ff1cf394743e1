// What `sifctl signer add` takes in: a signer as the keystore will hold it. Runs with the rights of
// the admin.
#pragma once

#include <string>

#include "keystore/store/keystore.h"

namespace sifguard {

struct NewSigner {
  SignerRecord record;
  std::string key;  ///< armored, or PEM
};

/// The one OpenPGP key in `data`, or the one with the fingerprint `wanted`. Starts gpg in a
/// private, temporary home. Errors: Code::refused for keys that must not be signers, Code::usage
/// otherwise.
[[nodiscard]] Result<NewSigner> read_openpgp_signer(const std::string& data,
                                                    const std::string& wanted);

}  // namespace sifguard
