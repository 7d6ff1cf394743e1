// Why a signer does not satisfy a requirement, in one sentence. Pure. Internal to helper/verify.
#pragma once

#include <string>

#include "helper/verify/image_facts.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Whether `signature` counts for `group`: good, over every object of it, in time.
[[nodiscard]] bool counts_for(const SignatureFact& signature, const GroupFact& group,
                              const SignerRequirement& requirement, std::int64_t now);

/// The sentence for a group that lacks a signature that counts, by one of `named`.
[[nodiscard]] std::string why_unsatisfied(const ImageFacts& facts, const GroupFact& group,
                                          const std::vector<std::string>& named,
                                          const SignerRequirement& requirement, std::int64_t now);

}  // namespace sifguard
