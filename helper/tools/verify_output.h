// The output of `sif-verify`: for people, and as JSON (documented in sif-verify(1)). The user's own
// process.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "helper/sif/image.h"
#include "helper/verify/image_facts.h"
#include "helper/verify/judge.h"

namespace sifguard {

struct Verification {
  std::string path;
  std::optional<sif::Image> image;  ///< absent when it could not be read or parsed
  std::optional<ImageFacts> facts;
  std::optional<Verdict> verdict;  ///< present exactly when the image is verified
  std::optional<Error> error;      ///< present exactly when it is not
};

/// Every object with the signers that cover it, every signature, and the verdict. `colour`: for a
/// terminal.
[[nodiscard]] std::string verification_text(const Verification& found, bool colour);
[[nodiscard]] nlohmann::ordered_json verification_json(const Verification& found);

}  // namespace sifguard
