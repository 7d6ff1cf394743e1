// sifctl import shipyard: takes over the signed images of a Batch Shipyard configuration. Runs with
// the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_import_commands(CLI::App& app, Session& session);

}  // namespace sifguard
