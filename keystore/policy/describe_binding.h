// Parts of a binding as short text for an admin. Pure. The text is not escaped; apply printable()
// to it.
#pragma once

#include <string>

#include "keystore/policy/policy.h"

namespace sifguard {

/// "users alice bob; partitions secure"; "everyone" for {users: ["*"]}.
[[nodiscard]] std::string describe_audience(const Audience& audience);

/// "A or B", "A and B", "(A or B) and C".
[[nodiscard]] std::string describe_signers(const SignerRequirement& signers);

}  // namespace sifguard
