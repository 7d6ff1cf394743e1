// Signers as the admin names them on the command line. Reads the keystore.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/session.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Their canonical names (keystore/policy/signer_id.h) in the order given, each once. Errors:
/// Code::usage for what names no signer, Code::config for one that the keystore does not hold,
/// Code::denied for one that is retired or revoked.
[[nodiscard]] Result<std::vector<std::string>> named_signers(const std::vector<std::string>& typed,
                                                             const Keystore& keystore);

/// Says of which of these names (as above) no signature counts, ever or now, and why.
Status note_unfit(const Session& session, const Keystore& keystore,
                  const std::vector<std::string>& names);

}  // namespace sifguard
