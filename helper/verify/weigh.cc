// The rules of signatures: whose requirements the facts of an image satisfy. Pure.
#include "helper/verify/weigh.h"

#include <algorithm>
#include <optional>

#include "helper/verify/weigh_reason.h"

namespace sifguard {
namespace {

constexpr std::int64_t kNever = INT64_MAX;

std::int64_t expiry(const SignatureFact& signature) {
  return signature.valid_until == 0 ? kNever : signature.valid_until;
}

/// Until when `signer` vouches for all of one group; nullopt when it does not.
///
/// A statement of the current form must cover the whole group by itself. Legacy signatures speak
/// about one object each, so those of one signer count together.
std::optional<std::int64_t> vouched_for(const GroupFact& group, const ImageFacts& facts,
                                        const std::string& signer,
                                        const SignerRequirement& requirement, std::int64_t now) {
  std::optional<std::int64_t> best;
  std::int64_t legacy_until = kNever;
  std::vector<std::uint32_t> legacy_covered;
  for (const SignatureFact& signature : facts.signatures) {
    const auto until = made_by(signature, signer, now);
    if (!until || !is_usable(signature, group, requirement, now)) continue;
    const std::int64_t holds = std::min(*until, expiry(signature));
    if (first_uncovered(signature.covered, group) == 0) {
      best = std::max(best.value_or(0), holds);
    } else if (signature.form == SignatureForm::legacy) {
      legacy_covered.insert(legacy_covered.end(), signature.covered.begin(),
                            signature.covered.end());
      legacy_until = std::min(legacy_until, holds);
    }
  }
  std::sort(legacy_covered.begin(), legacy_covered.end());
  if (!best && !legacy_covered.empty() && first_uncovered(legacy_covered, group) == 0) {
    return legacy_until;
  }
  return best;
}

/// Until when `signer` vouches for every group; nullopt when for some group it does not.
std::optional<std::int64_t> vouched_until(const ImageFacts& facts, const std::string& signer,
                                          const SignerRequirement& requirement, std::int64_t now) {
  std::int64_t until = kNever;
  for (const GroupFact& group : facts.groups) {
    const auto holds = vouched_for(group, facts, signer, requirement, now);
    if (!holds) return std::nullopt;
    until = std::min(until, *holds);
  }
  return until;
}

tl::unexpected<Error> refuse(const ImageFacts& facts, const std::vector<std::string>& named,
                             const SignerRequirement& requirement, std::int64_t now) {
  for (const GroupFact& group : facts.groups) {
    const bool vouched = std::any_of(named.begin(), named.end(), [&](const std::string& signer) {
      return vouched_for(group, facts, signer, requirement, now).has_value();
    });
    if (!vouched) {
      return tl::unexpected(why_unsatisfied(facts, group, named, requirement, now));
    }
  }
  return fail(Code::refused, "no single one of the signers asked for signed every group",
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

bool is_by_one_of(const SignatureFact& signature, const SignerRequirement& requirement,
                  std::int64_t now) {
  const auto made = [&](const std::string& signer) {
    return made_by(signature, signer, now).has_value();
  };
  return std::any_of(requirement.any_of.begin(), requirement.any_of.end(), made) ||
         std::any_of(requirement.all_of.begin(), requirement.all_of.end(), made);
}

/// A signature by a named signer that is wrong means tampering, whoever else signed. One without a
/// signer, or of a raw key, was checked against the keys of named signers only: it is one of
/// theirs.
Status refuse_bad(const ImageFacts& facts, std::span<const SignerRequirement> requirements,
                  std::int64_t now) {
  for (const SignatureFact& signature : facts.signatures) {
    if (signature.status != SignatureStatus::bad) continue;
    const bool named = signature.signer.empty() || signature.form == SignatureForm::dsse ||
                       std::any_of(requirements.begin(), requirements.end(), [&](const auto& one) {
                         return is_by_one_of(signature, one, now);
                       });
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

/// `signatures: all`: nothing in the image that the binding does not vouch for.
Status refuse_strangers(const ImageFacts& facts, const SignerRequirement& requirement,
                        std::int64_t now) {
  if (!requirement.no_strangers) return {};
  for (const SignatureFact& signature : facts.signatures) {
    if (signature.status == SignatureStatus::good && is_by_one_of(signature, requirement, now)) {
      continue;
    }
    return fail(Code::refused,
                "signature object " + std::to_string(signature.object_id) +
                    " is not a good one of a signer asked for, and all must be",
                "remove the signature, or ask for `signatures: any`");
  }
  return {};
}

/// Every id that a good signature goes by.
std::vector<std::string> signers_of(const ImageFacts& facts) {
  std::vector<std::string> signers;
  for (const SignatureFact& signature : facts.signatures) {
    if (signature.status != SignatureStatus::good) continue;
    signers.push_back(signature.signer);
    for (const CertifiedName& name : signature.certified) signers.push_back(name.id);
  }
  return signers;
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
  return {};
}

}  // namespace

Result<Support> weigh(const ImageFacts& facts, std::span<const SignerRequirement> requirements,
                      std::int64_t now) {
  if (requirements.empty()) {
    return fail(Code::refused, "no binding says who must have signed the image");
  }
  SG_CHECK(check_shape(facts));
  SG_CHECK(refuse_bad(facts, requirements, now));
  std::int64_t until = kNever;
  for (const SignerRequirement& requirement : requirements) {
    SG_CHECK(refuse_strangers(facts, requirement, now));
    SG_TRY(const std::int64_t holds, satisfied_until(facts, requirement, now));
    until = std::min(until, holds);
  }
  Support support;
  support.valid_until = until == kNever ? 0 : until;
  // What every binding accepts as a signature: a key's own rule is held against these.
  SignerRequirement form;
  form.legacy = std::all_of(requirements.begin(), requirements.end(),
                            [](const SignerRequirement& one) { return one.legacy; });
  for (const std::string& signer : signers_of(facts)) {
    if (vouched_until(facts, signer, form, now)) support.signers.push_back(signer);
  }
  std::sort(support.signers.begin(), support.signers.end());
  support.signers.erase(std::unique(support.signers.begin(), support.signers.end()),
                        support.signers.end());
  return support;
}

}  // namespace sifguard
