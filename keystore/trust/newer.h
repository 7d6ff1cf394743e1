// Revocation lists and OCSP responses of a keystore whose content is replaced, as by a bundle:
// known revocations stay known. The owner of the keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/content.h"
#include "keystore/x509/handles.h"

namespace sifguard {

/// A revocation list that stays when the content is replaced.
struct StayingList {
  TrustItem item;  ///< with its name beside the new content
  std::string subject;
  std::string why;  ///< why_not_newer() (x509/accepted_list.h) of the new list; "" if there is none
};
/// Those of `own` that one of the CAs in `authorities` signed in a form that launches accept, and
/// that no such list among `coming` may replace.
[[nodiscard]] std::vector<StayingList> staying_lists(const std::vector<TrustItem>& own,
                                                     const std::vector<TrustItem>& coming,
                                                     const std::vector<Certificate>& authorities,
                                                     std::int64_t now);

/// Removes from `incoming` what no launch would accept. For the CAs that `incoming` trusts, adds
/// what the keystore has if that is newer or contains a revocation, or if `incoming` has none.
/// Returns what was removed or kept, a sentence each. Errors: Code::refused for trust that cannot
/// be used.
[[nodiscard]] Result<std::vector<std::string>> keep_newer_proofs(const Keystore& keystore,
                                                                 StoreContent& incoming,
                                                                 std::int64_t now);

}  // namespace sifguard
