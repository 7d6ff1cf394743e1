// A signer as data. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "keystore/store/keystore.h"

namespace sifguard {

/// "active", "expired", "retired", "revoked".
[[nodiscard]] std::string shown_signer_state(const SignerRecord& signer);
/// What the keystore stores about it; whether it counts now is in signer_standing.h.
[[nodiscard]] nlohmann::ordered_json signer_to_json(const SignerRecord& signer);

}  // namespace sifguard
