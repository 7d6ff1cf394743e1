// sifctl init and reseal: makes a keystore, and puts it under another store key. Runs with the
// rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

/// Where the store key is, for who makes backups.
[[nodiscard]] std::string shown_seal(const std::string& directory, const Seal& seal);

void add_init_commands(CLI::App& app, Session& session);

}  // namespace sifguard
