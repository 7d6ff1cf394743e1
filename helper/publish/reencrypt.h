// An image's volume key under a key of the image's own, and the site's signatures. Root on an
// admin's host.
#pragma once

#include <optional>

#include "helper/publish/source_image.h"
#include "keystore/crypto/signing_key.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct OwnKey {
  RsaPrivateKey key;
  std::string source_key;  ///< id of the key that it replaces
  KeyRule rule;            ///< of the key that it replaces, for images that the site signed
};

/// Changes the message in `copy`, in place. nullopt for an image that is not encrypted. Errors:
/// Code::denied for the key's rule or state, Code::refused when the image is encrypted to another.
[[nodiscard]] Result<std::optional<OwnKey>> reencrypt(int copy, const SourceImage& source,
                                                      const VerifiedImage& verified,
                                                      const Keystore& keystore);

/// Takes all signatures out of the image and adds one of the site over each group. The image has
/// been verified: only then is it parsed here.
Status resign(int copy, const SigningKey& site);

}  // namespace sifguard
