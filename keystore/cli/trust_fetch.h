// sifctl trust add-source|remove-source|sources|allow-host|set-proxy|fetch: where revocation lists
// and OCSP answers come from. Runs with the rights of the admin, or of a timer.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

void add_trust_sources(CLI::App& group, Session& session);
void add_trust_fetch(CLI::App& group, Session& session);

}  // namespace sifguard
