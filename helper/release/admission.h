// From an examined image to what a key may follow: the one way that launches, prefetches,
// publications and their explanations go. Root; pure but for what standing_of() reads.
//
//   ExaminedFacts → CertifiedFacts → Verdict → Admission
//
// Each is made by the step before alone; keys are granted and released, and images mounted, for an
// Admission.
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
  bool mounted = false;  ///< the job gets its root as a directory (`release: mount`)
  std::string binding;   ///< that names no key, or the one; for messages
};
[[nodiscard]] Demands demands_of(const Decision& decision, Release release);
/// Of the one binding that an image is published under.
[[nodiscard]] Demands demands_of(const Binding& binding, Release release);

/// For who knows the digest before anything was examined. Errors: Code::refused.
Status check_pin(const std::optional<std::string>& pin, const std::string& digest);

/// Proof that an image may run: it has the verdict, is the one pinned, can be run, and is encrypted
/// exactly where its binding says so. Only admit() makes one.
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

/// The second door: an unencrypted image without a verdict, under a binding in mode `warn`. No key
/// is ever granted for one. Only admit_unverified() makes one.
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

/// Errors: Code::refused, or Code::denied for one that is encrypted where no key is named.
[[nodiscard]] Result<Admission> admit(Verdict verdict, const Demands& demands);

/// Errors: Code::denied unless the mode is warn, neither binding nor image speaks of encryption,
/// and it is a file that a runtime reads: no OCI-SIF.
[[nodiscard]] Result<UnverifiedAdmission> admit_unverified(const CertifiedFacts& facts,
                                                           const Decision& decision);

/// What judge() refused, with the reason and the remedy why such an image runs for nobody, whoever
/// signs it, where there is one.
[[nodiscard]] Error with_what_signing_leaves(Error why, const CertifiedFacts& facts,
                                             const Demands& demands);

/// judge() and admit(): the whole of it, where no other door is open.
[[nodiscard]] Result<Admission> judge_and_admit(const CertifiedFacts& facts, const Demands& demands,
                                                std::int64_t now);

}  // namespace sifguard
