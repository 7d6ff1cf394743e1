// The CAs of a keystore, and the revocation lists in it that they signed. The owner of the
// keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/trust_store.h"
#include "keystore/x509/accepted_list.h"

namespace sifguard {

/// Roots and intermediates. Errors: Code::config for one that cannot be read.
[[nodiscard]] Result<std::vector<Certificate>> known_authorities(const Keystore& keystore);

/// A list that is already in the keystore: like accept_revocation_list(), but it may be dated in
/// the future. Errors: Code::refused.
[[nodiscard]] Result<TrustFile> kept_list(const TrustItem& item,
                                          const std::vector<Certificate>& authorities);

struct StoredList {
  std::string name;  ///< of its file; older keystores have names of another kind
  TrustFile list;
};
/// Those that a launch would accept; other files there are ignored.
[[nodiscard]] std::vector<StoredList> usable_lists(const std::vector<TrustItem>& items,
                                                   const std::vector<Certificate>& authorities);
/// The list of a series (accepted_list.h); null when there is none.
[[nodiscard]] const StoredList* find_series(const std::vector<StoredList>& lists,
                                            const std::string& series);

}  // namespace sifguard
