// sifctl key rule show|set|widen|reset. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_key_rule(CLI::App& group, Session& session);

}  // namespace sifguard
