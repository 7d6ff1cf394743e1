// sifctl init: makes a keystore. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_init_command(CLI::App& app, Session& session);

}  // namespace sifguard
