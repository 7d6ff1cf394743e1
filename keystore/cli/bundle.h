// sifctl bundle export|import|signer: what nodes need of a keystore, signed and encrypted for them.
// Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_bundle_commands(CLI::App& app, Session& session);

}  // namespace sifguard
