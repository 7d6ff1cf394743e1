// sifctl signer retire|restore|revoke. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_signer_life(CLI::App& group, Session& session);

}  // namespace sifguard
