// sifctl restore. Runs with the rights of the admin.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

void add_restore_command(CLI::App& app, Session& session);

}  // namespace sifguard
