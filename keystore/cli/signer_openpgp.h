// What `sifctl signer add` takes in: a signer as the keystore will hold it; and how an OpenPGP key
// becomes one. Runs with the rights of the admin; the key itself is read in a sandbox.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

struct NewSigner {
  SignerRecord record;
  std::string key;               ///< armored, or PEM
  std::string merged_with = {};  ///< as Keystore::add_signer() wants it
  /// Why nothing of it counts any more although it is to be stored ("is revoked by its owner"), as
  /// of a key that the keystore holds; empty for others.
  std::string ended = {};
  std::vector<std::string> news = {};  ///< what else its owner took back: a sentence each
  /// What is known of a signer that was removed, and the copy given does not say: sentences.
  std::vector<std::string> remembered = {};
  bool left_out = false;  ///< something of the key is dated in the future, and was not taken
};

/// The one OpenPGP key in `data`, or the one with the fingerprint `wanted`, merged with the copy in
/// the keystore, or with what is remembered of it as removed; or that copy with the revocation that
/// `data` is. Starts gpg in a sandbox. Errors: Code::refused for keys that must not be signers,
/// Code::usage otherwise.
[[nodiscard]] Result<NewSigner> read_openpgp_signer(const Keystore& keystore,
                                                    const std::string& data,
                                                    const std::string& wanted);

}  // namespace sifguard
