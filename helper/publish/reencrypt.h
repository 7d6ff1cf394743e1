// Wraps an image's volume key under a key of the image's own, and signs the image for the site.
// Root on an admin's host.
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
  std::string message;     ///< the volume key under `key`, as put_message() takes it
};

/// Reads `image` and changes nothing. nullopt if it is not encrypted. Errors: Code::denied for the
/// key's rule or state, Code::refused when the image is encrypted for another key.
[[nodiscard]] Result<std::optional<OwnKey>> reencrypt(int image, const SourceImage& source,
                                                      const VerifiedImage& verified,
                                                      const Keystore& keystore);

/// Puts the message into a copy of the image, in place.
Status put_message(int copy, const OwnKey& own);

/// Removes all signatures from the image and adds one of the site for each group. The image must
/// have been verified, because root parses it here.
Status resign(int copy, const SigningKey& site);

}  // namespace sifguard
