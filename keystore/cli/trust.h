// sifctl trust: what X.509 signers are judged by. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_trust_commands(CLI::App& app, Session& session);

}  // namespace sifguard
