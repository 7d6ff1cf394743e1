// sifctl trust remove: what certificates of signers are judged by, and what follows without it.
// Runs with the rights of the admin.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

void add_trust_remove(CLI::App& group, Session& session);

}  // namespace sifguard
