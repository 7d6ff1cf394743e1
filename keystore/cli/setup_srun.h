// What `sifctl setup` runs on Slurm at its end. Runs with the rights of the admin; if that is root,
// the step is a job of a user who may run the image.
#pragma once

#include <string>

#include "keystore/cli/setup_report.h"
#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"

namespace sifguard {

struct TrialPlan {
  Config config;
  std::string user;     ///< who runs the steps; or empty
  std::string binding;  ///< its image is tried; empty: the first with an image on this host
};

/// A step that does nothing, as the user of the plan, else as the one who runs sifctl; left out if
/// this host refuses steps without an image. Errors: Code::unavailable with what srun said.
[[nodiscard]] Result<SetupStep> try_plain(const Session& session, const TrialPlan& plan);
/// A step with an image that a binding of `policy` allows, as a user whom it allows. Errors:
/// likewise.
[[nodiscard]] Result<SetupStep> try_image(const Session& session, const TrialPlan& plan,
                                          const Policy& policy);

}  // namespace sifguard
