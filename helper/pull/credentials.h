// The job owner's own credentials for a registry. The owner's rights.
//
// They are read as Apptainer, Singularity and Docker store them: {"auths": {"HOST": {"auth":
// base64("USER:PASSWORD")}}} in ~/.apptainer/docker-config.json, ~/.singularity/docker-config.json,
// ~/.docker/config.json; the first file that names the host counts. Credential helpers, which are
// programs, are not started.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/secret.h"

namespace sifguard {

/// "USER:PASSWORD" from the text of one such file; nullopt when it does not name the host. Errors:
/// Code::refused for malformed text.
[[nodiscard]] Result<std::optional<SecretBytes>> credentials_in(const SecretBytes& text,
                                                                std::string_view host);
/// The credentials of the account that this process runs as.
[[nodiscard]] Result<std::optional<SecretBytes>> own_credentials(std::string_view host);

/// The home directory of that account; empty if it has none.
[[nodiscard]] std::string own_home();

}  // namespace sifguard
