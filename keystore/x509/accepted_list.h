// Whether a revocation list may be added to a keystore, and whether it may replace another one. It
// is judged as a launch does (crl_check.h), so that only lists that launches accept are added. Any
// privilege; the list is hostile, the CAs are those of the keystore.
//
// Lists replace each other only within a series, which has one CA name, one key and one scope
// (issuing distribution point). A CA's lists from before and after a change of its key, and lists
// for parts of its certificates, exist side by side.
#pragma once

#include <string_view>
#include <vector>

#include "keystore/x509/handles.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {

/// One list, PEM or DER, that one of these CAs signed in a form that launches accept. It may have
/// expired, because a revocation in it is permanent. The file's name is that of its series: SHA-256
/// of the CA's name, its SubjectPublicKeyInfo and the scope, all DER. Errors: Code::refused, which
/// says what is wrong; also for a list that is dated in the future, because it would block others.
[[nodiscard]] Result<TrustFile> accept_revocation_list(std::string_view data,
                                                       const std::vector<Certificate>& authorities,
                                                       std::int64_t now);

/// Why `fresh` may not replace `known`, of the same series: a clause without subject ("is of
/// 2026-…, before the one that is there, of …"); "" if it may. Dates and numbers (RFC 5280 5.2.3)
/// only grow. A stored list that is dated in the future was added under a wrong clock and may be
/// replaced: its date is ignored, but its number counts. A list that is dated in the future never
/// replaces one that is not.
[[nodiscard]] std::string why_not_newer(const TrustFile& fresh, const TrustFile& known,
                                        std::int64_t now);

}  // namespace sifguard
