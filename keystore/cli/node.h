// sifctl node init|show|trust|distrust: this node's key for bundles, and whose bundles it takes.
// Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_node_commands(CLI::App& app, Session& session);

}  // namespace sifguard
