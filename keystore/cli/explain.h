// sifctl explain: what would be decided for a user and an image, and why. Runs with the rights of
// the admin; changes nothing.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_explain_command(CLI::App& app, Session& session);

}  // namespace sifguard
