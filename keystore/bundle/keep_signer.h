// What is for good of a signer, where another copy of it takes the place of the one that is there.
// The owner of the keystore, in `sifctl`; OpenPGP keys are merged in a sandbox.
//
// A revocation, and the graver of two, stays; of an OpenPGP key, whose owner only ever adds to it,
// everything. A retirement can be taken back: it follows the copy that comes.
#pragma once

#include <string>
#include <vector>

#include "keystore/crypto/openpgp_merge.h"
#include "keystore/store/content.h"

namespace sifguard {

struct KeptOfSigner {
  bool revocation = false;  ///< its state, reason and since when
  /// Of an OpenPGP key, what only the copy that was there knows: clauses ("it is revoked by its
  /// owner", "its subkey … expires on …"). Empty, too, where the two could not be compared.
  std::vector<std::string> of_key = {};
  std::string incomparable = {};  ///< why they could not; what comes is left as it is then

  [[nodiscard]] bool is_nothing() const noexcept { return !revocation && of_key.empty(); }
};

/// Puts into `coming`, of the same id, what `own` has for good. Errors: those of `merge` that pass,
/// Code::temporary and Code::unavailable.
[[nodiscard]] Result<KeptOfSigner> keep_of_signer(const SignerEntry& own, SignerEntry& coming,
                                                  const MergeOpenPgp& merge);

}  // namespace sifguard
