// Why a signer does not satisfy a requirement, in one sentence. Pure. Internal to helper/verify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "helper/verify/image_facts.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Whether `signature` counts for the objects of `group` that it covers: it is good, of an allowed
/// form, and valid now.
[[nodiscard]] bool is_usable(const SignatureFact& signature, const GroupFact& group,
                             const SignerRequirement& requirement, std::int64_t now);

/// The lowest object of `group` that is not in `covered` (ascending); 0 when all are.
[[nodiscard]] std::uint32_t first_uncovered(const std::vector<std::uint32_t>& covered,
                                            const GroupFact& group);

/// Until when `signature` counts as made by `signer` (a signer id), its certificate included.
/// INT64_MAX: for ever; nullopt: it is not, or no longer, by this signer.
[[nodiscard]] std::optional<std::int64_t> made_by(const SignatureFact& signature,
                                                  const std::string& signer, std::int64_t now);

/// For a group that lacks a signature that counts by one of `named`: the reason, and what to do
/// about it. Code::config if a certificate has expired or is revoked, or that is unknown; else
/// Code::refused.
[[nodiscard]] Error why_unsatisfied(const ImageFacts& facts, const GroupFact& group,
                                    const std::vector<std::string>& named,
                                    const SignerRequirement& requirement, std::int64_t now);

}  // namespace sifguard
