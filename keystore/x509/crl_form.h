// What a revocation list says about itself: which extensions limit what it proves, and for which
// certificates it was made. Any privilege; the list is hostile, and its signature is not checked
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "keystore/x509/handles.h"

namespace sifguard {

/// "" for a list that can prove that certificates are not revoked; else a clause without subject:
/// "is a delta list", "has the unknown critical extension 1.2.3".
[[nodiscard]] std::string why_partial(X509_CRL* list);

/// Whether its entries may be about certificates of other issuers (RFC 5280 5.2.5): then a serial
/// number alone identifies no certificate.
[[nodiscard]] bool is_indirect(X509_CRL* list);

/// For which certificates the list was made, by its issuing distribution point, for people: "" for
/// all of its issuer's, else "for certificates that name URI:http://…", "for CAs only".
[[nodiscard]] std::string scope_of_list(const X509_CRL* list);
/// The DER of the issuing distribution point: lists with another one do not replace each other. ""
/// for none.
[[nodiscard]] std::string scope_bytes(const X509_CRL* list);

/// "" if the list is for this certificate; else why not, as a clause without subject: "is for CAs
/// only", "is for certificates that name URI:http://…, and this one names none".
[[nodiscard]] std::string why_not_covered(const X509_CRL* list, X509* certificate);

/// "" when fresh at `now`, Unix seconds; else a clause without subject ("ended at …").
[[nodiscard]] std::string why_stale(const X509_CRL* list, std::int64_t now);

/// What the list's entries say about a serial number.
enum class Listed { no, on_hold, for_good };
[[nodiscard]] Listed listed(X509_CRL* list, const ASN1_INTEGER* serial);

}  // namespace sifguard
