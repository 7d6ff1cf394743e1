// Checks that an image has the signers that a policy requires. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "helper/verify/certified_facts.h"
#include "helper/verify/weigh.h"

namespace sifguard {

/// Proof that an image satisfies its requirements. Only judge() makes one.
class Verdict {
 public:
  /// Signer ids (keystore/policy/signer_id.h) with good signatures over every group; sorted,
  /// unique.
  [[nodiscard]] const std::vector<std::string>& signers() const noexcept {
    return support_.signers;
  }
  [[nodiscard]] std::int64_t valid_until() const noexcept { return support_.valid_until; }
  /// Facts of the image that the verdict is about.
  [[nodiscard]] const CertifiedFacts& facts() const noexcept { return facts_; }

 private:
  Verdict(CertifiedFacts facts, Support support)
      : facts_(std::move(facts)), support_(std::move(support)) {}
  friend Result<Verdict> judge(const CertifiedFacts& facts,
                               std::span<const SignerRequirement> requirements, std::int64_t now);
  CertifiedFacts facts_;
  Support support_;
};

/// weigh() for certified facts. Errors: those of weigh().
[[nodiscard]] Result<Verdict> judge(const CertifiedFacts& facts,
                                    std::span<const SignerRequirement> requirements,
                                    std::int64_t now);

}  // namespace sifguard
