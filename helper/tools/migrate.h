// sif-sign --migrate: an image that the PKI scripts signed gets a signature in the standard form in
// the place of that one, if that one is good. The user's rights.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "helper/tools/pki_legacy.h"

namespace sifguard {

struct MigrateOptions {
  bool wanted = false;
  std::string certificate, ca, intermediates, crl;  ///< files
};

void offer_migrate(CLI::App& app, MigrateOptions& options);
/// Errors: Code::usage for options that contradict each other.
Status check_migrate(const MigrateOptions& options);

/// The key of the certificate that is to have signed, after the certificate itself was found good
/// now: chain, usage, validity, and the revocation list if one is given. Errors: Code::refused,
/// Code::no_input.
[[nodiscard]] Result<SignerKey> trusted_old_signer(const MigrateOptions& options);

}  // namespace sifguard
