// Why a signer does not satisfy a requirement, in one sentence. Pure.
#include "helper/verify/weigh_reason.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/crypto/openpgp.h"

namespace sifguard {
namespace {

constexpr std::int64_t kNoEnd = INT64_MAX;

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

/// Why a signature does not count, and what to do about that.
struct Reason {
  std::string what, remedy;
  Code code = Code::refused;
};

constexpr const char* kSignWhole = "have one of the signers asked for sign the whole image";
constexpr const char* kSignAgain = "have it signed again: apptainer sign, or sif-sign";

/// What befell the key or certificate, told by the check that found it.
std::string told(const SignatureFact& signature, const char* otherwise, const char* verb) {
  return signature.note.empty() ? otherwise : verb + signature.note;
}

/// Of a signature that is not good.
Reason status_reason(const std::string& subject, const SignatureFact& signature) {
  const std::string named = subject + " is " + std::string(status_name(signature.status)) +
                            (signature.note.empty() ? "" : ": " + signature.note);
  switch (signature.status) {
    case SignatureStatus::expired:
      return {subject + told(signature, ", or its key, has expired", " has expired: "),
              "get the key with its later end (sifctl signer add), or " + std::string(kSignAgain)};
    case SignatureStatus::revoked:
      return {
          subject + told(signature, " was made with a key that is revoked", " does not count: "),
          "have it signed again, with a key that is not revoked"};
    case SignatureStatus::bad:
      return {named, "get the image again from its source, or have it signed again"};
    case SignatureStatus::weak:
      return {named, "have it signed again with SHA-256 or better, and a key of today's strength"};
    default:
      return {named, kSignAgain};
  }
}

/// Of a good signature by a named signer that does not count all the same.
Reason named_reason(const std::string& subject, const SignatureFact& signature,
                    const GroupFact& group, const SignerRequirement& requirement,
                    std::int64_t now) {
  if (is_ahead(signature, now)) {
    return {subject + " is dated in the future (" + format_utc(signature.made) + ")",
            "check the clocks of this host and of the one that signed"};
  }
  if (signature.form == SignatureForm::legacy && !requirement.legacy) {
    return {subject + " has the legacy form, which covers neither header nor descriptors",
            "have it signed in today's form: sif-sign --migrate"};
  }
  if (const auto uncovered = first_uncovered(signature.covered, group); uncovered != 0) {
    return {subject + " does not cover object " + std::to_string(uncovered),
            "have the whole image signed again, as it is now"};
  }
  if (requirement.signed_after && signature.made < *requirement.signed_after) {
    return {subject + outdated_reason(signature, requirement),
            "use the newer image, or have this one signed again"};
  }
  return {subject + " expired on " + format_utc(signature.valid_until), kSignAgain};
}

/// What the site has to get or to renew; the image is as it should be.
const char* certificate_remedy(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::expired:
      return "get the certificate that follows: of the signer (sifctl signer add), or of the CA "
             "above it (sifctl trust)";
    case CertificateStatus::not_yet_valid:
      return "check this host's clock";
    case CertificateStatus::untrusted:
      return "compare the CAs above it with those of sifctl trust list";
    case CertificateStatus::revoked:
      return "have the image signed with the signer's new certificate, and add that; one that is "
             "on hold its CA may release";
    case CertificateStatus::revocation_unknown:
      return "get what says whether it is revoked: sifctl trust fetch, or sifctl trust add-crl";
    default:
      return "have the signer get another certificate, and add that";
  }
}

/// Time and revocations are the site's to keep up with; what a certificate is for, and who issued
/// it, was so when the image was signed.
Code certificate_code(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::expired:
    case CertificateStatus::not_yet_valid:
    case CertificateStatus::revoked:
    case CertificateStatus::revocation_unknown:
      return Code::config;
    default:
      return Code::refused;
  }
}

/// Of a signature by nobody who is named.
Reason stranger_reason(const SignatureFact& signature) {
  const std::string object = "signature object " + std::to_string(signature.object_id);
  const std::string note = signature.note.empty() ? "" : ": " + signature.note;
  switch (signature.status) {
    case SignatureStatus::good: {
      Reason reason{
          "it is signed by " + signature.signer + ", which is not a signer asked for" + note,
          kSignWhole};
      if (signature.uncertified == CertificateStatus::good) return reason;
      return {reason.what, certificate_remedy(signature.uncertified),
              certificate_code(signature.uncertified)};
    }
    case SignatureStatus::unknown_key:
      return {object + " was made by a key of none of the signers asked for", kSignWhole};
    case SignatureStatus::unsupported:
      return {object + " has the unsupported form " + std::string(form_name(signature.form)) + note,
              kSignAgain};
    default:
      return status_reason(object, signature);
  }
}

Reason reason_of(const SignatureFact& signature, const std::string& signer, const GroupFact& group,
                 const SignerRequirement& requirement, std::int64_t now) {
  const std::string subject = "the signature of " + signer;
  return signature.status == SignatureStatus::good
             ? named_reason(subject, signature, group, requirement, now)
             : status_reason(subject, signature);
}

/// The signature by nobody who is named that says most: one whose certificate is not good may be
/// of who is asked for.
const SignatureFact* stranger_of(const ImageFacts& facts, const GroupFact& group) {
  const SignatureFact* found = nullptr;
  for (const SignatureFact& signature : facts.signatures) {
    // Legacy signatures may be linked to an object, and then say what is wrong all the same.
    if (signature.group_id != group.id && (signature.group_id != 0 || found != nullptr)) continue;
    const bool says_more = found == nullptr || found->uncertified == CertificateStatus::good;
    if (says_more) found = &signature;
  }
  return found;
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
  if (signature.signer == signer) return kNoEnd;
  for (const CertifiedName& name : signature.certified) {
    if (name.id != signer) continue;
    if (name.valid_until == 0) return kNoEnd;
    if (name.valid_until > now) return name.valid_until;
  }
  return std::nullopt;
}

Error why_unsatisfied(const ImageFacts& facts, const GroupFact& group,
                      const std::vector<std::string>& named, const SignerRequirement& requirement,
                      std::int64_t now) {
  const std::string subject = "group " + std::to_string(group.id) + " of the image ";
  const auto error = [&](const std::string& before, const Reason& reason) {
    return Error(reason.code, subject + before + reason.what, reason.remedy);
  };
  for (const SignatureFact& signature : facts.signatures) {
    if (signature.group_id != group.id) continue;
    if (const std::string signer = maker(named, signature, now); !signer.empty()) {
      return error("is not accepted: ", reason_of(signature, signer, group, requirement, now));
    }
  }
  const SignatureFact* const stranger = stranger_of(facts, group);
  if (stranger == nullptr) return error("is not signed", {"", kSignWhole});
  const std::string wanted = named.size() == 1 ? named.front() : "any of the signers asked for";
  return error("is not signed by " + wanted + ": ", stranger_reason(*stranger));
}

}  // namespace sifguard
