// Revocation lists and OCSP responses of a keystore whose content another takes the place of, as a
// bundle does: what was known of revocations stays known. The owner of the keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/content.h"
#include "keystore/x509/handles.h"

namespace sifguard {

/// A revocation list that stays, whatever comes.
struct StayingList {
  TrustItem item;  ///< by the name that it gets beside what comes
  std::string subject;
  std::string why;  ///< why_not_newer() (x509/accepted_list.h) of what comes; "" for nothing comes
};
/// Of `own`, what `authorities`, CAs, signed as a launch wants it, and what no such list among
/// `coming` may take the place of.
[[nodiscard]] std::vector<StayingList> staying_lists(const std::vector<TrustItem>& own,
                                                     const std::vector<TrustItem>& coming,
                                                     const std::vector<Certificate>& authorities,
                                                     std::int64_t now);

/// Drops from `incoming` what no launch would take, and puts what the keystore has, of the CAs that
/// `incoming` trusts, where that is newer or knows of a revocation, or where `incoming` has none.
/// Gives what was dropped or kept, a sentence each. Errors: Code::refused for trust that cannot be
/// used.
[[nodiscard]] Result<std::vector<std::string>> keep_newer_proofs(const Keystore& keystore,
                                                                 StoreContent& incoming,
                                                                 std::int64_t now);

}  // namespace sifguard
