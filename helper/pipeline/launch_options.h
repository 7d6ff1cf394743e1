// What the user asked of the runtime, held against what the bindings allow, and what the node can
// do at once. Root.
#pragma once

#include <string>

#include "helper/launch/plan.h"
#include "helper/request/request.h"
#include "helper/verify/image_facts.h"
#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// The plan's input without image_path, encrypted and variable_prefix. What narrows
/// (--sif-contain), and what concerns nothing but the container's inside (--sif-action,
/// --sif-workdir), is every user's to choose. Errors: Code::denied, naming the binding and the
/// option.
[[nodiscard]] Result<PlanInput> launch_options(const Request& request, const Decision& decision,
                                               const Config& config);

/// How many tasks of this node may unlock such an image at once with their key (turns.h); 0 for one
/// that takes the runtime no time to speak of. Asks the kernel for the node's CPUs.
[[nodiscard]] unsigned turns_for(const ImageFacts& facts);

}  // namespace sifguard
