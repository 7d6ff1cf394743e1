// What `sifctl setup` asks on the terminal: for what is neither in the keystore nor given by an
// option. The rights of the admin; nothing is changed.
#pragma once

#include "keystore/cli/session.h"
#include "keystore/cli/setup_keystore.h"

namespace sifguard {

/// Asks for a signer, a key and a binding where the keystore has none. Errors: those of
/// ask_at_terminal().
Status ask_what_is_missing(const Session& session, SetupWanted& wanted);

}  // namespace sifguard
