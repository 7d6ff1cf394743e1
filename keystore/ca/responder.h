// The certificates of the CA's OCSP responders: one for each authority, which delegates to it. The
// owner of the keystore, in `sifctl ca ocsp serve`, which records it.
#pragma once

#include <string>
#include <vector>

#include "keystore/ca/authority.h"

namespace sifguard {

/// In the keystore beside the authorities: "ocsp-root", "ocsp-intermediate".
[[nodiscard]] std::string responder_name(const std::string& authority);

struct ResponderState {
  std::string authority;
  bool works = false;  ///< it is there, was not revoked and has not ended
  bool is_due = true;  ///< a new one is wanted: it does not work, or half of its time is over
};
/// Of each authority. Errors: Code::config without a CA.
[[nodiscard]] Result<std::vector<ResponderState>> responder_states(const Keystore& keystore,
                                                                   std::int64_t now);

/// Gives each that is due a new key and certificate. A CA whose key is in a token that is away
/// cannot delegate now: the old one holds to its end. Gives such authorities, with the reason.
[[nodiscard]] Result<std::vector<std::string>> renew_responders(const Keystore& keystore,
                                                                std::int64_t now);

}  // namespace sifguard
