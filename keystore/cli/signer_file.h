// A file of which `sifctl signer add` and `setup` make a signer. Runs with the rights of the admin;
// an OpenPGP key is read in a sandbox.
#pragma once

#include <string>

#include "keystore/cli/session.h"
#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

struct SignerFile {
  std::string file;
  std::string fingerprint = {};  ///< which key of an OpenPGP file; or empty
  std::string label = {};        ///< what to call a raw public key; or empty
};

/// What kind of signer it is follows from what the file holds. Errors: Code::refused for what must
/// not be a signer, or would spoil one that is there; each names the file.
[[nodiscard]] Result<NewSigner> read_signer_file(const Keystore& keystore, const SignerFile& given);

/// Says of a certificate that no launch takes it, now or ever, and why.
Status note_unfit_signer(const Session& session, const Keystore& keystore, const NewSigner& signer,
                         const std::string& file);

}  // namespace sifguard
