// Which bindings name a signer. Reads the keystore.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

/// Whether one of the ids in `signers` is one of the signer's.
[[nodiscard]] bool is_one_of(const std::vector<std::string>& signers, const SignerRecord& signer);

/// The bindings that name the signer, in their order. Errors: images.yaml cannot be read. A
/// malformed one names no signer.
[[nodiscard]] Result<std::vector<std::string>> bindings_naming(const Keystore& keystore,
                                                               const SignerRecord& signer);

/// Prints a note for every binding that names the signer, with `consequence` appended. Errors:
/// images.yaml cannot be read. A malformed one is ignored.
Status note_bindings(const Session& session, const Keystore& keystore, const SignerRecord& signer,
                     std::string_view verb = "names", std::string_view consequence = {});

}  // namespace sifguard
