// The public keys of the signers that a decision names, and what certificates call them now. Root.
#pragma once

#include "helper/verify/certified_facts.h"
#include "helper/verify/examine.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct Keyring {
  SignerKeys keys;       ///< of the named signers only
  std::string digest;    ///< of all of them: facts found with one keyring do not serve another
  bool by_name = false;  ///< the decision names X.509 signers: certificates have a say
  /// SHA-256 of the DER of each certificate in `keys`: what responses about them are filed under.
  std::vector<std::string> certificate_names;
  std::vector<SignerLimit> limits;  ///< of Keystore::signers_for() the named ones
};

/// Certificates that are revoked are left out. Errors: Code::config when the keystore lacks a named
/// signer.
[[nodiscard]] Result<Keyring> load_keyring(const Keystore& keystore, const Decision& decision);
/// Of these signers, which `binding` names.
[[nodiscard]] Result<Keyring> load_keyring(const Keystore& keystore,
                                           const std::vector<std::string>& signers,
                                           const std::string& binding);

/// What counts at this moment. `revocation` is the word of the configuration: the certificates are
/// judged against the keystore's trust anchors, revocation lists and OCSP responses. Reads files
/// alone, and waits for no network. To be done at every launch: nothing of it is cached. Errors:
/// Code::config for a store that cannot be read; those of run_pki().
[[nodiscard]] Result<Standing> standing_of(const Keyring& keyring, const Keystore& keystore,
                                           std::string_view revocation,
                                           const ExamineOptions& options);

}  // namespace sifguard
