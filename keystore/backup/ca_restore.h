// Restores the CA of a backup into a keystore and changes nothing else in it. The owner of the
// keystore, on the CA's host. The formats are in ca_file.h.
//
// It never takes the CA back in time: certificates that were issued or revoked since the backup
// stay so, and of an authority's certificates the one that is not revoked and expires last is used.
// It accepts a backup of the CA that is in the keystore or, if there is none, of the root that the
// admin confirms; and it deletes nothing.
#pragma once

#include <string>
#include <string_view>

#include "keystore/backup/ca_file.h"

namespace sifguard {

/// PKCS#11 URIs of the keys that are in tokens. "" if the keystore or the backup knows the URI.
struct TokenUris {
  std::string root, intermediate;
};

struct CaRestoreOptions {
  AskPassword ask;
  TokenUris tokens;
  std::string fingerprint;  ///< of the root, 64 lower-case digits; "" when it is not known
  CheckRoot confirm;        ///< asks the admin, if there is no CA and no fingerprint
};

struct RestoredCa {
  bool was_there;       ///< the keystore already had this CA: the two were merged
  std::size_t changes;  ///< certificates that are newly known or revoked
  std::size_t issued;   ///< certificates that are known now
  SeenRoot root;
  std::string damaged_index;  ///< where an unreadable index was moved to; or empty
};
/// After an error nothing has changed. Errors: Code::refused for a damaged or foreign file, a wrong
/// password or another root than `fingerprint`; Code::usage when the keystore has another CA, a
/// key's token is not named, or nothing confirms the root of the file; those of `confirm`.
[[nodiscard]] Result<RestoredCa> restore_ca(const Keystore& keystore, std::string_view file,
                                            const CaRestoreOptions& options);

}  // namespace sifguard
