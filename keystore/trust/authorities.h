// The CAs of a keystore, and the revocation lists in it that they signed. The owner of the
// keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/trust_store.h"
#include "keystore/x509/accepted_list.h"

namespace sifguard {

/// Trusted, or between signers and a root. Errors: Code::config for one that cannot be read.
[[nodiscard]] Result<std::vector<Certificate>> known_authorities(const Keystore& keystore);

/// A list that is in the keystore already: accept_revocation_list(), but that it may be of the
/// future. Errors: Code::refused.
[[nodiscard]] Result<TrustFile> kept_list(const TrustItem& item,
                                          const std::vector<Certificate>& authorities);

struct StoredList {
  std::string name;  ///< of its file: older keystores have names of another kind
  TrustFile list;
};
/// Those that some launch would take; what else lies there keeps nothing out.
[[nodiscard]] std::vector<StoredList> usable_lists(const std::vector<TrustItem>& items,
                                                   const std::vector<Certificate>& authorities);
/// The one of a series (accepted_list.h); null when there is none.
[[nodiscard]] const StoredList* find_series(const std::vector<StoredList>& lists,
                                            const std::string& series);

}  // namespace sifguard
