// Holding the signers that a policy demands against the facts of an image. Pure; root helper.
#include "helper/verify/judge.h"

#include <algorithm>
#include <optional>

#include "helper/verify/judge_reason.h"

namespace sifguard {
namespace {

/// An expiry; "never" is the latest.
constexpr std::int64_t kNever = INT64_MAX;

std::int64_t expiry(const SignatureFact& signature) {
  return signature.valid_until == 0 ? kNever : signature.valid_until;
}

/// Until when `signer` vouches for every group; nullopt when for some group it does not.
std::optional<std::int64_t> vouched_until(const ImageFacts& facts, const std::string& signer,
                                          const SignerRequirement& requirement, std::int64_t now) {
  std::int64_t until = kNever;
  for (const GroupFact& group : facts.groups) {
    std::optional<std::int64_t> best;
    for (const SignatureFact& signature : facts.signatures) {
      if (signature.signer != signer || !counts_for(signature, group, requirement, now)) continue;
      best = std::max(best.value_or(0), expiry(signature));
    }
    if (!best) return std::nullopt;
    until = std::min(until, *best);
  }
  return until;
}

tl::unexpected<Error> refuse(const ImageFacts& facts, const std::vector<std::string>& named,
                             const SignerRequirement& requirement, std::int64_t now) {
  for (const GroupFact& group : facts.groups) {
    const bool vouched = std::any_of(
        facts.signatures.begin(), facts.signatures.end(), [&](const SignatureFact& signature) {
          return std::find(named.begin(), named.end(), signature.signer) != named.end() &&
                 counts_for(signature, group, requirement, now);
        });
    if (!vouched) {
      return fail(Code::refused, why_unsatisfied(facts, group, named, requirement, now),
                  "have a signer that the binding names sign the whole image");
    }
  }
  return fail(Code::refused, "no single signer that the binding names signed every group",
              "have one signer sign the whole image");
}

/// Until when the requirement holds. Errors: Code::refused, it does not.
Result<std::int64_t> satisfied_until(const ImageFacts& facts, const SignerRequirement& requirement,
                                     std::int64_t now) {
  if (requirement.any_of.empty() && requirement.all_of.empty()) {
    return fail(Code::refused, "a binding of the image names no signer");
  }
  std::int64_t until = kNever;
  if (!requirement.any_of.empty()) {
    std::optional<std::int64_t> best;
    for (const std::string& signer : requirement.any_of) {
      const auto vouched = vouched_until(facts, signer, requirement, now);
      if (vouched) best = std::max(best.value_or(0), *vouched);
    }
    if (!best) return refuse(facts, requirement.any_of, requirement, now);
    until = *best;
  }
  for (const std::string& signer : requirement.all_of) {
    const auto vouched = vouched_until(facts, signer, requirement, now);
    if (!vouched) return refuse(facts, {signer}, requirement, now);
    until = std::min(until, *vouched);
  }
  return until;
}

bool names(const SignerRequirement& requirement, const std::string& signer) {
  const auto in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), signer) != list.end();
  };
  return in(requirement.any_of) || in(requirement.all_of);
}

/// A signature by a named signer that is wrong means tampering, whoever else signed. One without a
/// signer was checked against named keys only, so it stands for one of them.
Status refuse_bad(const ImageFacts& facts, std::span<const SignerRequirement> requirements) {
  for (const SignatureFact& signature : facts.signatures) {
    if (signature.status != SignatureStatus::bad) continue;
    const bool named = signature.signer.empty() ||
                       std::any_of(requirements.begin(), requirements.end(),
                                   [&](const auto& one) { return names(one, signature.signer); });
    if (!named) continue;
    const std::string whose = signature.signer.empty()
                                  ? "in object " + std::to_string(signature.object_id)
                                  : "of " + signature.signer;
    return fail(
        Code::refused,
        "the signature " + whose + " is bad: " +
            (signature.note.empty() ? "the image was changed after signing" : signature.note),
        "get the image again from its source, or have it signed again");
  }
  return {};
}

Status check_shape(const ImageFacts& facts) {
  if (facts.signatures.empty()) {
    return fail(Code::refused, "the image is not signed", "sign it, as with `apptainer sign`");
  }
  if (!facts.ungrouped.empty()) {
    return fail(Code::refused, "object " + std::to_string(facts.ungrouped.front()) +
                                   " of the image is in no group and so cannot be signed");
  }
  if (facts.groups.empty()) return fail(Code::refused, "the image has no objects");
  if (facts.primary_partition_id == 0) {
    return fail(Code::refused, "the image has no primary system partition to run");
  }
  return {};
}

}  // namespace

Result<Verdict> judge(const ImageFacts& facts, std::span<const SignerRequirement> requirements,
                      std::int64_t now) {
  if (requirements.empty()) {
    return fail(Code::refused, "no binding says who must have signed the image");
  }
  SG_CHECK(check_shape(facts));
  SG_CHECK(refuse_bad(facts, requirements));
  std::int64_t until = kNever;
  for (const SignerRequirement& requirement : requirements) {
    SG_TRY(const std::int64_t holds, satisfied_until(facts, requirement, now));
    until = std::min(until, holds);
  }
  Verdict verdict;
  verdict.valid_until_ = until == kNever ? 0 : until;
  for (const SignatureFact& signature : facts.signatures) {
    if (signature.status == SignatureStatus::good &&
        vouched_until(facts, signature.signer, SignerRequirement{}, now)) {
      verdict.signers_.push_back(signature.signer);
    }
  }
  std::sort(verdict.signers_.begin(), verdict.signers_.end());
  verdict.signers_.erase(std::unique(verdict.signers_.begin(), verdict.signers_.end()),
                         verdict.signers_.end());
  return verdict;
}

}  // namespace sifguard
