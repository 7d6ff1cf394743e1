// What `sifctl setup` does outside of the keystore: the account that parses images, and the
// plugin's line in Slurm's plugin stack. Root; with --dry-run nothing is changed.
#pragma once

#include <string>

#include "keystore/cli/setup_report.h"
#include "keystore/policy/config.h"

namespace sifguard {

/// By systemd-sysusers, as the packages make it, where they have not. Errors: Code::unavailable.
[[nodiscard]] Result<SetupStep> set_up_account(const Session& session, const Config& config);

/// By sifguard-plugstack, which is in the plugin's package. `slurm_conf`: of another Slurm than
/// that program finds; or empty. Errors: those that it ends with.
[[nodiscard]] Result<SetupStep> set_up_plugin(const Session& session,
                                              const std::string& slurm_conf);

}  // namespace sifguard
