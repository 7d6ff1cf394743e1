// sifctl node check. Runs with the rights of the admin.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

void add_node_check(CLI::App& group, Session& session);

}  // namespace sifguard
