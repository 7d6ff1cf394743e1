// Finds the signing key that the command line names. The user's rights.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "helper/tools/signer.h"
#include "helper/tools/tool.h"
#include "keystore/base/error.h"

namespace sifguard {

struct SignerOptions {
  std::string key;     ///< --key: a PEM file
  std::string pgp;     ///< --pgp: a primary fingerprint
  std::string pkcs11;  ///< --pkcs11: the URI of a key in a token
  std::string passphrase_file;
  std::optional<int> passphrase_fd;
};

/// Adds the options to the command line.
void offer_signer(CLI::App& app, SignerOptions& options);
/// Checks that exactly one of the three is given and well-formed. Errors: Code::usage.
Status check_signer(const SignerOptions& options);

/// Asks for a passphrase only when one is needed. Errors: Code::no_input when a file cannot be
/// read, Code::refused for an unusable key or a wrong passphrase, Code::usage when a passphrase is
/// needed and nobody can be asked, Code::unavailable when gpg or the means to use the token are
/// missing.
[[nodiscard]] Result<std::unique_ptr<Signer>> load_signer(const Tool& tool,
                                                          const SignerOptions& options);

}  // namespace sifguard
