// sifctl breakglass: leave for one user to pass one binding's allow, for a time. Runs with the
// rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"
#include "keystore/policy/policy.h"

namespace sifguard {

void add_breakglass_commands(CLI::App& app, Session& session);

/// Those that count under `policy`, for decide(). Errors: Code::config.
[[nodiscard]] Result<std::vector<BreakGlass>> read_break_glass(const Keystore& keystore,
                                                               const Policy& policy);

}  // namespace sifguard
