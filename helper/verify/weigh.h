// The rules of signatures: whether the facts of an image satisfy all requirements. Pure. It takes
// and returns plain data and so proves nothing; judge() makes the proof, for certified facts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "helper/verify/image_facts.h"
#include "keystore/base/error.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// The signers that vouch for an image.
struct Support {
  std::vector<std::string> signers;  ///< ids with good signatures over every group; sorted, unique
  std::int64_t valid_until = 0;      ///< 0 unbounded
};

/// Every object that is in use and not a signature must be in a group, and for each requirement
/// every group must have a good signature of a signer that the requirement names; a bad signature
/// of a named signer refuses. Errors: Code::refused, or Code::config if a certificate has expired
/// or is revoked, or that is unknown; one sentence that names the object, group or fingerprint.
[[nodiscard]] Result<Support> weigh(const ImageFacts& facts,
                                    std::span<const SignerRequirement> requirements,
                                    std::int64_t now);

}  // namespace sifguard
