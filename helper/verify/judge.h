// Holding the signers that a policy demands against the facts of an image. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "helper/verify/image_facts.h"
#include "keystore/base/error.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Proof that an image satisfies its requirements. Only judge() makes one.
class Verdict {
 public:
  /// Signer ids (keystore/policy/signer_id.h) with good signatures over every group; sorted,
  /// unique.
  [[nodiscard]] const std::vector<std::string>& signers() const noexcept { return signers_; }
  [[nodiscard]] std::int64_t valid_until() const noexcept { return valid_until_; }  ///< 0 unbounded

 private:
  Verdict() = default;
  friend Result<Verdict> judge(const ImageFacts& facts,
                               std::span<const SignerRequirement> requirements, std::int64_t now);
  std::vector<std::string> signers_;
  std::int64_t valid_until_ = 0;
};

/// The image has a primary system partition, which is not encrypted with a passphrase: nobody could
/// type it in a job. Errors: Code::refused.
Status check_runnable(const ImageFacts& facts);

/// The image is encrypted for a key exactly where the binding of this name has one for it. Errors:
/// Code::refused for one in clear, Code::denied for one that is encrypted.
Status check_encryption(const ImageFacts& facts, bool has_key, const std::string& binding);

/// Every in-use object other than signatures is in a group, and every group carries a good
/// signature of a signer each requirement names; a bad signature by a named signer refuses.
/// Errors: Code::refused, or Code::config where a certificate has ended or is revoked, or nobody knows;
/// one sentence that names the object, group or fingerprint.
[[nodiscard]] Result<Verdict> judge(const ImageFacts& facts,
                                    std::span<const SignerRequirement> requirements,
                                    std::int64_t now);

}  // namespace sifguard
