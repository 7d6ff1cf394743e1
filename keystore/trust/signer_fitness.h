// What a launch would make of the certificates of signers in a keystore: asked of the code that a
// launch runs (keystore/x509/certificate_check.h), before one does. The owner of the keystore, in
// `sifctl`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/x509/certificate_check.h"

namespace sifguard {

/// By whose names no signature counts, and why: of every certificate of the name, a clause without
/// subject. `for_good`: whatever CAs, lists and answers are added; otherwise a list or answer that
/// the keystore has revokes it.
struct Unfit {
  std::string why;
  bool for_good = true;
};
/// Of one certificate, PEM; `why` is empty where it may count.
[[nodiscard]] Result<Unfit> unfit_certificate(const Keystore& keystore, const std::string& pem,
                                              std::int64_t now);
/// Of these names, which are those of bindings, the unfit ones.
[[nodiscard]] Result<std::map<std::string, Unfit>> unfit_names(
    const Keystore& keystore, const std::vector<std::string>& names, std::int64_t now);

/// The rules of a launch now. `revocation`: of the node's configuration. Errors: Code::config for
/// what the keystore trusts and cannot be used. `without`: the name of a file of trust/
/// (trust_store.h) that does not count.
[[nodiscard]] Result<CertificateRules> launch_rules(const Keystore& keystore, Revocation revocation,
                                                    std::int64_t now,
                                                    std::string_view without = {});

}  // namespace sifguard
