// sifctl key create|import|list|show|export-public. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_key_commands(CLI::App& app, Session& session);

}  // namespace sifguard
