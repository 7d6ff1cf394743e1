// What the user asked of the runtime, checked against what the bindings allow; and how many tasks
// the node can unlock at once. Root.
#pragma once

#include <string>

#include "helper/launch/plan.h"
#include "helper/request/request.h"
#include "helper/verify/image_facts.h"
#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// The plan's input without image_path, encrypted and variable_prefix. Every user may choose
/// options that restrict the container (--sif-contain) or that concern only its inside
/// (--sif-action, --sif-workdir). Errors: Code::denied, which names the binding and the option.
[[nodiscard]] Result<PlanInput> launch_options(const Request& request, const Decision& decision,
                                               const Config& config);

/// How many tasks of this node may unlock such an image at once with their key (turns.h); 0 for an
/// image that the runtime unlocks in negligible time. Asks the kernel for the node's CPUs.
[[nodiscard]] unsigned turns_for(const ImageFacts& facts);

}  // namespace sifguard
