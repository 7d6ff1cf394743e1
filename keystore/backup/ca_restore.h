// The CA of a backup brought back into a keystore, of which nothing else changes. The owner of the
// keystore, on the CA's host. The formats are in ca_file.h.
//
// It never takes the CA back in time: what was issued or revoked since stays so, and of an
// authority's certificates the one is in charge that is not revoked and ends last. It takes a
// backup of the CA that is there; where there is none, of the root that the admin says is right;
// and it deletes nothing.
#pragma once

#include <string>
#include <string_view>

#include "keystore/backup/ca_file.h"

namespace sifguard {

/// Where the keys are now that were in tokens: PKCS#11 URIs. "" for those that the keystore or the
/// backup knows.
struct TokenUris {
  std::string root, intermediate;
};

struct CaRestoreOptions {
  AskPassword ask;
  TokenUris tokens;
  std::string fingerprint;  ///< of the root, 64 lower-case digits; "" when it is not known
  CheckRoot confirm;        ///< asks the admin, where there is no CA and no fingerprint
};

struct RestoredCa {
  bool was_there;       ///< the keystore had this CA already: the two were merged
  std::size_t changes;  ///< certificates that became known or revoked by it
  std::size_t issued;   ///< known now
  SeenRoot root;
  std::string damaged_index;  ///< where an index that could not be read is now; empty if none
};
/// Errors, nothing having changed: Code::refused for a damaged or foreign file, a wrong password or
/// another root than `fingerprint`; Code::usage when the keystore has another CA, a key's token is
/// not named, or nothing vouches for the file; those of `confirm`.
[[nodiscard]] Result<RestoredCa> restore_ca(const Keystore& keystore, std::string_view file,
                                            const CaRestoreOptions& options);

}  // namespace sifguard
