// What the node's configuration says of revocation, for commands that tell what a launch makes of
// certificates. Runs with the rights of the admin.
#pragma once

#include <string>

#include "keystore/cli/session.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

/// Of the file, or where it is absent the default. A file that cannot be read is told, and the
/// strictest counts: launches refuse until it is mended.
[[nodiscard]] Revocation node_revocation(const Session& session, const std::string& config_file);

}  // namespace sifguard
