// The verdict on an image by one binding of a keystore. The user's own process: no key is opened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "helper/release/keyring.h"
#include "helper/verify/judge.h"

namespace sifguard {

struct BoundRequest {
  Binding binding;
  Keyring keyring;              ///< of the signers that it names
  std::vector<KeyRecord> keys;  ///< the one that it names, and those that replace it
  Release release = Release::pem;
};

/// `release`: of images whose bindings say nothing. Errors: Code::no_input without such a binding,
/// Code::config where the keystore lacks what it names.
[[nodiscard]] Result<BoundRequest> read_bound_request(const Keystore& keystore,
                                                      const std::string& name, Release release);

/// What a launch by this binding alone would come to, whoever's it is: signers and when they
/// signed, the pinned image, whether it can be run and is encrypted as bound, and whether the rule
/// of a key takes its signers. Errors: those of judge_and_admit(), Code::denied of keys.
[[nodiscard]] Result<Verdict> judge_bound(const CertifiedFacts& facts, const BoundRequest& bound,
                                          std::int64_t now);

}  // namespace sifguard
