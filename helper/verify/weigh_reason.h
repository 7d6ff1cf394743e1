// Why a signer does not satisfy a requirement, in one sentence. Pure. Internal to helper/verify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "helper/verify/image_facts.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Whether `signature` counts for `group` as far as it covers it: good, of an allowed form, in
/// time.
[[nodiscard]] bool is_usable(const SignatureFact& signature, const GroupFact& group,
                             const SignerRequirement& requirement, std::int64_t now);

/// The lowest object of `group` that is not in `covered` (ascending); 0 when all are.
[[nodiscard]] std::uint32_t first_uncovered(const std::vector<std::uint32_t>& covered,
                                            const GroupFact& group);

/// Until when `signature` is one by `signer` (a signer id), its certificate considered; INT64_MAX
/// is for ever, nullopt that it is not by this signer, or no more.
[[nodiscard]] std::optional<std::int64_t> made_by(const SignatureFact& signature,
                                                  const std::string& signer, std::int64_t now);

/// For a group that lacks a signature that counts, by one of `named`: the reason, and what to do
/// about that. Code::config where a certificate has ended or is revoked, or nobody knows; else
/// Code::refused.
[[nodiscard]] Error why_unsatisfied(const ImageFacts& facts, const GroupFact& group,
                                    const std::vector<std::string>& named,
                                    const SignerRequirement& requirement, std::int64_t now);

}  // namespace sifguard
