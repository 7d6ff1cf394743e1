// What signers, revoked images and the clock make of a decision: what a launch asks after it has
// opened the image, as far as it can be known before. Runs with the rights of the admin.
#pragma once

#include "keystore/cli/explanation.h"
#include "keystore/cli/session.h"

namespace sifguard {

/// Adds to the refusals of one that had none so far. `config`: the node's, for its `revocation`.
Status add_standing(const Session& session, const Keystore& keystore, const std::string& config,
                    const Rules& rules, Explanation& found);

}  // namespace sifguard
