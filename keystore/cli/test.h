// sifctl test: holds an admin's table of expected decisions against the keystore. Runs with the
// rights of the admin; changes nothing.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_test_command(CLI::App& app, Session& session);

}  // namespace sifguard
