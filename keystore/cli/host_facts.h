// What this host knows about the user and the image that an admin names. Runs with the rights of
// the admin; asks the name service.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/policy/image_name.h"

namespace sifguard {

/// The names of the primary and supplementary groups, as Slurm would give them to the job. Errors:
/// Code::usage for a user who is unknown on this host.
[[nodiscard]] Result<std::vector<std::string>> groups_of_user(const std::string& user);

/// The canonical form of the typed name, and the path by which the kernel would find it, if it is
/// on this host. No server is asked (names_unasked()). Errors: Code::usage; for library:// those of
/// load_config().
[[nodiscard]] Result<ImageNames> names_of_image(const std::string& typed);

}  // namespace sifguard
