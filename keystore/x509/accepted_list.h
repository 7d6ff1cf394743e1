// Whether a revocation list may enter a keystore, and whether it may take another's place: by what
// a launch makes of it (crl_check.h), so that nothing gets in that no launch would take. Any
// privilege; the list is hostile, the CAs are those of the keystore.
//
// Lists replace each other only within a series: of one CA's name and key, and of one scope
// (issuing distribution point). A CA's lists before and after a change of its key, and partitions
// of its certificates, stand side by side.
#pragma once

#include <string_view>
#include <vector>

#include "keystore/x509/handles.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {

/// One list, PEM or DER, that some CA of these signed as a launch wants it. It may have ended: a
/// revocation in it counts for good. The file's name is that of its series: SHA-256 of the CA's
/// name, its SubjectPublicKeyInfo and the scope, all DER. Errors: Code::refused, saying what is
/// wrong with it; a list of the future, which would keep others out, among them.
[[nodiscard]] Result<TrustFile> accept_revocation_list(std::string_view data,
                                                       const std::vector<Certificate>& authorities,
                                                       std::int64_t now);

/// Why `fresh` may not take the place of `known`, of the same series: a clause without subject ("is
/// of 2026-…, before the one that is there, of …"); "" if it may. Dates and numbers (RFC 5280
/// 5.2.3) only grow. A list of the future, which entered under a wrong clock, gives way: its date
/// does not count, its number does; nor does one take the place of another that is not.
[[nodiscard]] std::string why_not_newer(const TrustFile& fresh, const TrustFile& known,
                                        std::int64_t now);

}  // namespace sifguard
