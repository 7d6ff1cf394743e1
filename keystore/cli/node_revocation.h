// The revocation setting of the node's configuration, for commands that report how a launch judges
// certificates. Runs with the rights of the admin.
#pragma once

#include <string>

#include "keystore/cli/session.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

/// The setting in the file, or the default if the file is absent. If the file cannot be read, this
/// prints a note and returns the strictest setting, because launches refuse until the file is
/// corrected.
[[nodiscard]] Revocation node_revocation(const Session& session, const std::string& config_file);

}  // namespace sifguard
