// Why a signer does not satisfy a requirement, in one sentence. Pure.
#include "helper/verify/judge_reason.h"

#include <algorithm>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

bool names(const std::vector<std::string>& named, const std::string& signer) {
  return std::find(named.begin(), named.end(), signer) != named.end();
}

std::string first_uncovered(const SignatureFact& signature, const GroupFact& group) {
  for (const std::uint32_t id : group.objects) {
    const auto& covered = signature.covered;
    if (std::find(covered.begin(), covered.end(), id) == covered.end()) return std::to_string(id);
  }
  return {};
}

/// Why a signature by a named signer does not count.
std::string named_reason(const SignatureFact& signature, const GroupFact& group,
                         const SignerRequirement& requirement) {
  const std::string subject = "the signature of " + signature.signer;
  switch (signature.status) {
    case SignatureStatus::good:
      break;
    case SignatureStatus::expired:
      return subject + ", or its key, has expired";
    case SignatureStatus::revoked:
      return subject + " was made with a key that is revoked";
    default:
      return subject + " is " + std::string(status_name(signature.status)) +
             (signature.note.empty() ? "" : ": " + signature.note);
  }
  const std::string uncovered = first_uncovered(signature, group);
  if (!uncovered.empty()) return subject + " does not cover object " + uncovered;
  if (requirement.signed_after && signature.made < *requirement.signed_after) {
    return subject + " was made on " + format_utc(signature.made) + ", but signatures before " +
           format_utc(*requirement.signed_after) + " are refused (a rolled-back image?)";
  }
  return subject + " expired on " + format_utc(signature.valid_until);
}

/// Why a signature by nobody who is named does not count.
std::string stranger_reason(const SignatureFact& signature) {
  const std::string object = "signature object " + std::to_string(signature.object_id);
  switch (signature.status) {
    case SignatureStatus::good:
      return "it is signed by " + signature.signer + ", which the binding does not name";
    case SignatureStatus::unknown_key:
      return object + " was made by a key that the binding does not name";
    case SignatureStatus::unsupported:
      return object + " has the unsupported form " + std::string(form_name(signature.form)) +
             (signature.note.empty() ? "" : ": " + signature.note);
    default:
      return object + " is " + std::string(status_name(signature.status)) +
             (signature.note.empty() ? "" : ": " + signature.note);
  }
}

}  // namespace

bool counts_for(const SignatureFact& signature, const GroupFact& group,
                const SignerRequirement& requirement, std::int64_t now) {
  return signature.status == SignatureStatus::good && signature.group_id == group.id &&
         !signature.signer.empty() && first_uncovered(signature, group).empty() &&
         (signature.valid_until == 0 || signature.valid_until > now) &&
         (!requirement.signed_after || signature.made >= *requirement.signed_after);
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
    if (names(named, signature.signer) && !counts_for(signature, group, requirement, now)) {
      return subject + "is not accepted: " + named_reason(signature, group, requirement);
    }
    stranger = stranger_reason(signature);
  }
  const std::string wanted =
      named.size() == 1 ? named.front() : "any signer that the binding names";
  if (stranger.empty()) return subject + "is not signed";
  return subject + "is not signed by " + wanted + ": " + stranger;
}

}  // namespace sifguard
