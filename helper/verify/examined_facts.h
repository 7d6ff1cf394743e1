// Facts about an image's bytes, as a type that only the examination can make. Pure.
//
// This is the first of four steps from bytes to a key. Each is a type that only the step before can
// make: ExaminedFacts, CertifiedFacts (certified_facts.h), Verdict (judge.h), Admission
// (helper/release/admission.h). A step that is left out does not compile (tests/nocompile).
#pragma once

#include <string_view>
#include <utility>

#include "helper/verify/image_facts.h"

namespace sifguard {

struct ExamineOptions;
struct SignerKeys;

/// What the sandboxed examination found, now or earlier (the root-owned cache keeps it). Revocation
/// has not been checked yet: signatures of revoked signers still count here.
class ExaminedFacts {
 public:
  [[nodiscard]] const ImageFacts& operator*() const noexcept { return facts_; }
  [[nodiscard]] const ImageFacts* operator->() const noexcept { return &facts_; }

 private:
  explicit ExaminedFacts(ImageFacts facts) : facts_(std::move(facts)) {}
  friend Result<ExaminedFacts> examine_image(int image_fd, const SignerKeys& signer_keys,
                                             const ExamineOptions& options);
  friend Result<ExaminedFacts> facts_from_json(std::string_view json);
  ImageFacts facts_;
};

/// Reads what facts_to_json() wrote, from the root-owned cache; strict. Errors: Code::internal.
[[nodiscard]] Result<ExaminedFacts> facts_from_json(std::string_view json);

}  // namespace sifguard
