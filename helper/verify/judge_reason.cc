// Why a signer does not satisfy a requirement, in one sentence. Pure.
#include "helper/verify/judge_reason.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/crypto/openpgp.h"

namespace sifguard {
namespace {

constexpr std::int64_t kNever = INT64_MAX;

/// The first of `named` that made the signature; empty when none did.
std::string maker(const std::vector<std::string>& named, const SignatureFact& signature,
                  std::int64_t now) {
  const auto found = std::find_if(named.begin(), named.end(), [&](const std::string& signer) {
    return made_by(signature, signer, now).has_value();
  });
  return found == named.end() ? std::string() : *found;
}

std::string outdated_reason(const SignatureFact& signature, const SignerRequirement& requirement) {
  const std::string limit = "signatures before " + format_utc(*requirement.signed_after) +
                            " are refused (a rolled-back image?)";
  if (signature.made == 0) return " does not say when it was made, but " + limit;
  return " was made on " + format_utc(signature.made) + ", but " + limit;
}

/// Who signs in the future has a wrong clock, or wants to outlive a revocation.
bool is_ahead(const SignatureFact& signature, std::int64_t now) {
  return signature.made > now + kOpenPgpClockSkew;
}

/// Why a signature by a named signer does not count.
std::string named_reason(const SignatureFact& signature, const std::string& signer,
                         const GroupFact& group, const SignerRequirement& requirement,
                         std::int64_t now) {
  const std::string subject = "the signature of " + signer;
  switch (signature.status) {
    case SignatureStatus::good:
      break;
    case SignatureStatus::expired:
      return subject + (signature.note.empty() ? ", or its key, has expired"
                                               : " has expired: " + signature.note);
    case SignatureStatus::revoked:
      return subject + (signature.note.empty() ? " was made with a key that is revoked"
                                               : " does not count: " + signature.note);
    default:
      return subject + " is " + std::string(status_name(signature.status)) +
             (signature.note.empty() ? "" : ": " + signature.note);
  }
  if (is_ahead(signature, now)) {
    return subject + " is dated in the future (" + format_utc(signature.made) +
           "): check the clocks of this host and of the one that signed";
  }
  if (signature.form == SignatureForm::legacy && !requirement.legacy) {
    return subject + " has the legacy form, which covers neither header nor descriptors";
  }
  if (const auto uncovered = first_uncovered(signature.covered, group); uncovered != 0) {
    return subject + " does not cover object " + std::to_string(uncovered);
  }
  if (requirement.signed_after && signature.made < *requirement.signed_after) {
    return subject + outdated_reason(signature, requirement);
  }
  return subject + " expired on " + format_utc(signature.valid_until);
}

/// Why a signature by nobody who is named does not count.
std::string stranger_reason(const SignatureFact& signature) {
  const std::string object = "signature object " + std::to_string(signature.object_id);
  switch (signature.status) {
    case SignatureStatus::good:
      return "it is signed by " + signature.signer + ", which is not a signer asked for" +
             (signature.note.empty() ? "" : ": " + signature.note);
    case SignatureStatus::unknown_key:
      return object + " was made by a key of none of the signers asked for";
    case SignatureStatus::unsupported:
      return object + " has the unsupported form " + std::string(form_name(signature.form)) +
             (signature.note.empty() ? "" : ": " + signature.note);
    default:
      return object + " is " + std::string(status_name(signature.status)) +
             (signature.note.empty() ? "" : ": " + signature.note);
  }
}

}  // namespace

bool is_usable(const SignatureFact& signature, const GroupFact& group,
               const SignerRequirement& requirement, std::int64_t now) {
  return signature.status == SignatureStatus::good && signature.group_id == group.id &&
         !signature.signer.empty() && !signature.covered.empty() &&
         (signature.form != SignatureForm::legacy || requirement.legacy) &&
         (signature.valid_until == 0 || signature.valid_until > now) && !is_ahead(signature, now) &&
         (!requirement.signed_after || signature.made >= *requirement.signed_after);
}

std::uint32_t first_uncovered(const std::vector<std::uint32_t>& covered, const GroupFact& group) {
  for (const std::uint32_t id : group.objects) {
    if (!std::binary_search(covered.begin(), covered.end(), id)) return id;
  }
  return 0;
}

std::optional<std::int64_t> made_by(const SignatureFact& signature, const std::string& signer,
                                    std::int64_t now) {
  if (signature.signer == signer) return kNever;
  for (const CertifiedName& name : signature.certified) {
    if (name.id != signer) continue;
    if (name.valid_until == 0) return kNever;
    if (name.valid_until > now) return name.valid_until;
  }
  return std::nullopt;
}

std::string why_unsatisfied(const ImageFacts& facts, const GroupFact& group,
                            const std::vector<std::string>& named,
                            const SignerRequirement& requirement, std::int64_t now) {
  const std::string subject = "group " + std::to_string(group.id) + " of the image ";
  std::string stranger;
  for (const SignatureFact& signature : facts.signatures) {
    if (signature.group_id != group.id) {
      // Legacy signatures may be linked to an object, and then say what is wrong all the same.
      if (signature.group_id == 0 && stranger.empty()) stranger = stranger_reason(signature);
      continue;
    }
    if (const std::string signer = maker(named, signature, now); !signer.empty()) {
      return subject +
             "is not accepted: " + named_reason(signature, signer, group, requirement, now);
    }
    stranger = stranger_reason(signature);
  }
  const std::string wanted = named.size() == 1 ? named.front() : "any of the signers asked for";
  if (stranger.empty()) return subject + "is not signed";
  return subject + "is not signed by " + wanted + ": " + stranger;
}

}  // namespace sifguard
