// A signer that `sifctl signer add` adds, as the keystore will store it; and how an OpenPGP key
// becomes one. Runs with the rights of the admin; the key itself is read in a sandbox.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

struct NewSigner {
  SignerRecord record;
  std::string key;               ///< armored, or PEM
  std::string merged_with = {};  ///< see Keystore::add_signer()
  /// Why its signatures no longer count ("is revoked by its owner") although it is stored, because
  /// the keystore already has the key; empty for others.
  std::string ended = {};
  std::vector<std::string> news = {};  ///< what else its owner revoked: a sentence each
  /// What is remembered of the removed signer and missing in the given copy: sentences.
  std::vector<std::string> remembered = {};
  bool left_out = false;  ///< a part of the key is dated in the future and was left out
};

/// The only OpenPGP key in `data`, or the one with the fingerprint `wanted`, merged with the copy
/// in the keystore or with what is remembered of a removed one. If `data` is a revocation
/// certificate, the stored copy with this revocation. Starts gpg in a sandbox. Errors:
/// Code::refused for keys that must not be signers, Code::usage otherwise.
[[nodiscard]] Result<NewSigner> read_openpgp_signer(const Keystore& keystore,
                                                    const std::string& data,
                                                    const std::string& wanted);

}  // namespace sifguard
