// Signers as the admin names them on the command line. Reads the keystore.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/session.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Their canonical names (keystore/policy/signer_id.h) in the order given, each once. Errors:
/// Code::usage for text that cannot name a signer, Code::config for a signer that is not in the
/// keystore, Code::denied for one that is retired or revoked.
[[nodiscard]] Result<std::vector<std::string>> named_signers(const std::vector<std::string>& typed,
                                                             const Keystore& keystore);

/// Prints a note for each of these names (as above) whose signatures do not count, now or ever, and
/// why.
Status note_unfit(const Session& session, const Keystore& keystore,
                  const std::vector<std::string>& names);

}  // namespace sifguard
