// The certificates of the CA's OCSP responders: one for each authority, issued by it. The owner of
// the keystore, in `sifctl ca ocsp serve`, which records them.
#pragma once

#include <string>
#include <vector>

#include "keystore/ca/authority.h"

namespace sifguard {

/// Its name in the keystore, beside the authorities: "ocsp-root", "ocsp-intermediate".
[[nodiscard]] std::string responder_name(const std::string& authority);

struct ResponderState {
  std::string authority;
  bool works = false;  ///< it exists, was not revoked and has not expired
  bool is_due = true;  ///< a new one is needed: it does not work, or half of its time is over
};
/// The state for each authority. Errors: Code::config without a CA.
[[nodiscard]] Result<std::vector<ResponderState>> responder_states(const Keystore& keystore,
                                                                   std::int64_t now);

/// Gives each responder that is due a new key and certificate. A CA whose key is in a token that is
/// not attached cannot issue one now, and the old one is used until it expires. Returns such
/// authorities, with the reason.
[[nodiscard]] Result<std::vector<std::string>> renew_responders(const Keystore& keystore,
                                                                std::int64_t now);

}  // namespace sifguard
