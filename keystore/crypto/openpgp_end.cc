// Until when an OpenPGP key makes signatures that count. Pure.
#include "keystore/crypto/openpgp_end.h"

#include <algorithm>

namespace sifguard {

bool can_sign(const OpenPgpKey& key) {
  return std::any_of(key.parts.begin(), key.parts.end(),
                     [](const OpenPgpSubkey& part) { return part.can_sign; });
}

std::int64_t end_of(const OpenPgpKey& key) {
  std::int64_t last = 0;
  for (const OpenPgpSubkey& part : key.parts) {
    if (!part.can_sign || part.revoked) continue;
    if (part.expires == 0) return key.expires;
    last = std::max(last, part.expires);
  }
  if (last == 0 || key.expires == 0) return std::max(last, key.expires);
  return std::min(last, key.expires);
}

}  // namespace sifguard
