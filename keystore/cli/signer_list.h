// sifctl signer list: which signers there are, and what counts now of what they signed. Runs with
// the rights of the admin; changes nothing.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

void add_signer_list(CLI::App& group, Session& session);

}  // namespace sifguard
