// Facts about an image's bytes, by who may state them. Pure.
//
// The first of four steps from bytes to a key, each a type that only the step before can make:
// ExaminedFacts, CertifiedFacts (certified_facts.h), Verdict (judge.h), Admission
// (helper/release/admission.h). A step that is left out does not compile (tests/nocompile).
#pragma once

#include <string_view>
#include <utility>

#include "helper/verify/image_facts.h"

namespace sifguard {

struct ExamineOptions;
struct SignerKeys;

/// What the sandboxed examination found, now or when the root-owned cache kept it. Nobody's
/// standing has been asked about yet: who is revoked still counts here.
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

/// What facts_to_json() wrote, from the root-owned cache; strict. Errors: Code::internal.
[[nodiscard]] Result<ExaminedFacts> facts_from_json(std::string_view json);

}  // namespace sifguard
