// Parses files of CA certificates and revocation lists for the keystore; signatures are not checked
// here. Any privilege.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct TrustFile {
  /// The name under which the keystore stores it (store/trust_store.h); for a list that of its
  /// issuer, until it was accepted (accepted_list.h).
  std::string name;
  std::string pem;          ///< one block
  std::string subject;      ///< of the certificate; for a list, its issuer
  std::int64_t from = 0;    ///< notBefore or thisUpdate, Unix seconds
  std::int64_t until = 0;   ///< notAfter or nextUpdate
  std::size_t revoked = 0;  ///< entries of a list
  /// cRLNumber of a list, 40 lower-case hexadecimal digits; "" for none, or none that RFC 5280
  /// 5.2.3 allows.
  std::string number;
  std::string scope;        ///< for a list: its issuing distribution point, DER; "" for none
  std::string shown_scope;  ///< the same for people (crl_form.h)
};

/// Largest number of certificates in one file.
inline constexpr std::size_t kMaxTrustCertificates = 64;

/// Every certificate of a PEM file; each must be a CA's, and with `anchors` self-signed. Errors:
/// Code::refused, which says which one is wrong.
[[nodiscard]] Result<std::vector<TrustFile>> read_ca_certificates(std::string_view pem,
                                                                  bool anchors);

/// One list, PEM or DER. A list without nextUpdate is refused, because it would be valid for ever.
/// Users of the list check its signature. Errors: Code::refused.
[[nodiscard]] Result<TrustFile> read_revocation_list(std::string_view data);

}  // namespace sifguard
