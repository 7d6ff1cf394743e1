// What some bindings need of a keystore: their signers, keys, trust. Wants the keystore's lock
// held. The owner of the keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/content.h"

namespace sifguard {

struct Selection {
  StoreContent content;
  std::vector<std::string> besides;  ///< bindings that were not asked for: see choose.h
};

/// `only`: names of bindings; empty for all of them, and images.yaml as it is. Bindings that
/// may be for the same images come along (choose.h). Of the keys that they name, those too that
/// replace them; of private halves those that may still decrypt; trust
/// anchors and revocation lists if a binding names an X.509 signer; all revoked digests. Errors:
/// Code::usage for a binding that is not there, Code::config for what a binding names and the
/// keystore lacks.
[[nodiscard]] Result<Selection> select_content(const Keystore& keystore,
                                               const std::vector<std::string>& only);

}  // namespace sifguard
