// The public keys of the signers that a decision names, and whether their certificates are valid
// now. Root.
#pragma once

#include "helper/verify/certified_facts.h"
#include "helper/verify/examine.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct Keyring {
  SignerKeys keys;       ///< of the named signers only
  std::string digest;    ///< of all of them: facts found with one keyring are not valid for another
  bool by_name = false;  ///< the decision names X.509 signers, so certificates count
  /// SHA-256 of the DER of each certificate in `keys`; OCSP responses about them are stored under
  /// this name.
  std::vector<std::string> certificate_names;
  std::vector<SignerLimit> limits;  ///< of the named signers, from Keystore::signers_for()
};

/// Certificates that are revoked are left out. Errors: Code::config when the keystore lacks a named
/// signer.
[[nodiscard]] Result<Keyring> load_keyring(const Keystore& keystore, const Decision& decision);
/// The keyring of the signers of one binding.
[[nodiscard]] Result<Keyring> load_keyring(const Keystore& keystore, const Binding& binding);
/// The keyring of these signers, which `binding` names.
[[nodiscard]] Result<Keyring> load_keyring(const Keystore& keystore,
                                           const std::vector<std::string>& signers,
                                           const std::string& binding);

/// Which signers count at this moment. `revocation` is the setting of the configuration. The
/// certificates are judged by the keystore's trust anchors, revocation lists and OCSP responses.
/// This only reads files and uses no network. Every launch must call it: nothing of it is cached.
/// Errors: Code::config for a store that cannot be read; those of run_pki().
[[nodiscard]] Result<Standing> standing_of(const Keyring& keyring, const Keystore& keystore,
                                           std::string_view revocation,
                                           const ExamineOptions& options);

}  // namespace sifguard
