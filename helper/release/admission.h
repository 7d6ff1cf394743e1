// From an examined image to the point at which a key may be granted: the only way, for launches,
// prefetches, publications and explanations. Root; pure except for what standing_of() reads.
//
//   ExaminedFacts → CertifiedFacts → Verdict → Admission
//
// Each type can only be made from the one before; granting and releasing a key, and mounting an
// image, require an Admission.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "helper/release/keyring.h"
#include "helper/verify/judge.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// What is demanded of an image.
struct Demands {
  std::vector<SignerRequirement> signers;
  std::optional<std::string> pin;  ///< "sha256:…"
  bool encrypted = false;
  bool mounted = false;  ///< the job gets the image's root as a directory (`release: mount`)
  std::string binding;   ///< the binding that names no key, or the only one; for messages
};
[[nodiscard]] Demands demands_of(const Decision& decision, Release release);
/// For the one binding that an image is published under.
[[nodiscard]] Demands demands_of(const Binding& binding, Release release);

/// For callers that know the digest before the image is examined. Errors: Code::refused.
Status check_pin(const std::optional<std::string>& pin, const std::string& digest);

/// Proof that an image may run: it has a verdict, has the pinned digest, can be run, and is
/// encrypted if and only if its binding says so. Only admit() makes one.
class Admission {
 public:
  [[nodiscard]] const Verdict& verdict() const noexcept { return verdict_; }
  [[nodiscard]] const std::vector<std::string>& signers() const noexcept {
    return verdict_.signers();
  }
  [[nodiscard]] const ImageFacts& facts() const noexcept { return *verdict_.facts(); }

 private:
  explicit Admission(Verdict verdict) : verdict_(std::move(verdict)) {}
  friend Result<Admission> admit(Verdict verdict, const Demands& demands);
  Verdict verdict_;
};

/// The exception: an unencrypted image without a verdict, under a binding in mode `warn`. No key is
/// ever granted for it. Only admit_unverified() makes one.
class UnverifiedAdmission {
  UnverifiedAdmission() = default;
  friend Result<UnverifiedAdmission> admit_unverified(const CertifiedFacts& facts,
                                                      const Decision& decision);
};

/// `digest`: "sha256:…" of the whole file. Errors: those of standing_of(); Code::denied for a
/// revoked image.
[[nodiscard]] Result<CertifiedFacts> certify(const ExaminedFacts& facts, const std::string& digest,
                                             const Keyring& keyring, const Keystore& keystore,
                                             std::string_view revocation,
                                             const ExamineOptions& options);

/// Errors: Code::refused, or Code::denied for an encrypted image if no key is named.
[[nodiscard]] Result<Admission> admit(Verdict verdict, const Demands& demands);

/// Errors: Code::denied unless the mode is warn, neither the binding nor the image is encrypted,
/// and the image is not an OCI-SIF, which no runtime reads as a file.
[[nodiscard]] Result<UnverifiedAdmission> admit_unverified(const CertifiedFacts& facts,
                                                           const Decision& decision);

/// The refusal of judge(). If the image could not run for anybody, whoever signed it, that reason
/// and its remedy are added.
[[nodiscard]] Error with_what_signing_leaves(Error why, const CertifiedFacts& facts,
                                             const Demands& demands);

/// judge() and admit() together, for callers without mode `warn`.
[[nodiscard]] Result<Admission> judge_and_admit(const CertifiedFacts& facts, const Demands& demands,
                                                std::int64_t now);

}  // namespace sifguard
