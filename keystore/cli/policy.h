// sifctl policy check|diff|apply. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_policy_commands(CLI::App& app, Session& session);

}  // namespace sifguard
