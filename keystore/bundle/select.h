// What some bindings need from a keystore: their signers, keys, trust. Requires the keystore's
// lock. The owner of the keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/content.h"

namespace sifguard {

struct Selection {
  StoreContent content;
  std::vector<std::string> besides;  ///< bindings that were not requested: see choose.h
};

/// `only`: names of bindings; empty for all of them, with images.yaml unchanged. The selection has
/// these bindings and those that may match the same images (choose.h); the keys that they name and
/// the keys that replace these; private halves that may still decrypt; trust anchors and revocation
/// lists if a binding names an X.509 signer; and all revoked digests. Errors: Code::usage for an
/// unknown binding, Code::config if the keystore lacks something that a binding names.
[[nodiscard]] Result<Selection> select_content(const Keystore& keystore,
                                               const std::vector<std::string>& only);

}  // namespace sifguard
