// How a launch would judge the certificates of signers in a keystore, by the same code as a launch
// (keystore/x509/certificate_check.h). The owner of the keystore, in `sifctl`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/x509/certificate_check.h"

namespace sifguard {

/// A name under which no signature counts, and why: for every certificate of the name, a clause
/// without subject. `for_good`: that stays so whatever CAs, lists and responses are added;
/// otherwise a list or response in the keystore revokes it.
struct Unfit {
  std::string why;
  bool for_good = true;
};
/// For one certificate, PEM; `why` is empty if it may count.
[[nodiscard]] Result<Unfit> unfit_certificate(const Keystore& keystore, const std::string& pem,
                                              std::int64_t now);
/// Those of these names, which are names in bindings, that are unfit.
[[nodiscard]] Result<std::map<std::string, Unfit>> unfit_names(
    const Keystore& keystore, const std::vector<std::string>& names, std::int64_t now);

/// The rules of a launch now. `revocation`: from the node's configuration. `without`: the name of a
/// file in trust/ (trust_store.h) that is ignored. Errors: Code::config for trusted files that
/// cannot be used.
[[nodiscard]] Result<CertificateRules> launch_rules(const Keystore& keystore, Revocation revocation,
                                                    std::int64_t now,
                                                    std::string_view without = {});

}  // namespace sifguard
