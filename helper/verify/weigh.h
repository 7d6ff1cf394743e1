// The rules of signatures: whose requirements the facts of an image satisfy. Pure; plain data in
// and out, and so no proof of anything. judge() makes the proof, of facts that were certified.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "helper/verify/image_facts.h"
#include "keystore/base/error.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Who vouches for an image.
struct Support {
  std::vector<std::string> signers;  ///< ids with good signatures over every group; sorted, unique
  std::int64_t valid_until = 0;      ///< 0 unbounded
};

/// Every in-use object other than signatures is in a group, and every group carries a good
/// signature of a signer each requirement names; a bad signature by a named signer refuses.
/// Errors: Code::refused, or Code::config where a certificate has ended or is revoked, or nobody
/// knows; one sentence that names the object, group or fingerprint.
[[nodiscard]] Result<Support> weigh(const ImageFacts& facts,
                                    std::span<const SignerRequirement> requirements,
                                    std::int64_t now);

}  // namespace sifguard
