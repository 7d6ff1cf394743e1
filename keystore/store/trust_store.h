// The trust anchors, intermediates, revocation lists and OCSP responses by which X.509 signers are
// judged. Root on nodes; the owner of the keystore in `sifctl`. The files are only bytes here;
// keystore/x509 interprets them.
//
// Layout: trust/{roots,intermediates,crls,responses}/NAME, NAME being 64 lower-case hexadecimal
// digits: the SHA-256 of a certificate's DER; for a list that of its series (x509/accepted_list.h;
// in older versions that of its issuer's name), so that a newer list replaces it; for an OCSP
// response that of the certificate that it is about.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

enum class TrustKind { root, intermediate, crl, response };
inline constexpr std::array kTrustKinds = {TrustKind::root, TrustKind::intermediate, TrustKind::crl,
                                           TrustKind::response};
/// "root", "intermediate", "crl", "response".
[[nodiscard]] std::string_view trust_kind_name(TrustKind kind) noexcept;

struct TrustItem {
  std::string name;  ///< 64 lower-case hexadecimal digits
  std::string text;  ///< PEM; of a response DER
};

/// Largest file of a kind: a certificate or response 64 KiB, a revocation list 16 MiB.
[[nodiscard]] std::size_t max_trust_size(TrustKind kind) noexcept;

/// Sorted by name; a keystore without the directory has none. Errors: Code::config.
[[nodiscard]] Result<std::vector<TrustItem>> trust_items(const Keystore& keystore, TrustKind kind);
[[nodiscard]] Result<Keystore::Added> add_trust_item(const Keystore& keystore, TrustKind kind,
                                                     const TrustItem& item);
/// The same for callers that hold the keystore's lock and have checked the existing items under it.
[[nodiscard]] Result<Keystore::Added> put_trust_item(const Keystore& keystore, TrustKind kind,
                                                     const TrustItem& item);
/// `prefix`: of the name, 8 digits or more. Returns the whole name. Errors: Code::config for none
/// or several.
[[nodiscard]] Result<std::string> remove_trust_item(const Keystore& keystore, TrustKind kind,
                                                    std::string_view prefix);

}  // namespace sifguard
