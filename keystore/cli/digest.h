// sifctl digest revoke|restore|list. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_digest_commands(CLI::App& app, Session& session);

}  // namespace sifguard
