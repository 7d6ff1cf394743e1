// Final states of a signer, when another copy of it replaces the existing one. The owner of the
// keystore, in `sifctl`; OpenPGP keys are merged in a sandbox.
//
// A revocation stays, and of two the graver one. Of an OpenPGP key everything stays, because its
// owner can only add to it. A retirement can be reversed, so it follows the new copy.
#pragma once

#include <string>
#include <vector>

#include "keystore/crypto/openpgp_merge.h"
#include "keystore/store/content.h"

namespace sifguard {

struct KeptOfSigner {
  bool revocation = false;  ///< whether its state, reason and date were kept
  /// For an OpenPGP key, what only the existing copy has, as clauses ("it is revoked by its owner",
  /// "its subkey … expires on …"). Also empty if the two could not be compared.
  std::vector<std::string> of_key = {};
  std::string incomparable =
      {};  ///< why they could not be compared; then the new copy is unchanged

  [[nodiscard]] bool is_nothing() const noexcept { return !revocation && of_key.empty(); }
};

/// Adds to `coming`, of the same id, the final states of `own`. Errors: the temporary ones of
/// `merge`, which are Code::temporary and Code::unavailable.
[[nodiscard]] Result<KeptOfSigner> keep_of_signer(const SignerEntry& own, SignerEntry& coming,
                                                  const MergeOpenPgp& merge);

}  // namespace sifguard
