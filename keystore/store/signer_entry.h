// The directory of one signer: ENTRY/{meta.json,key.asc|key.pem|cert.pem} in image-signers/, or in
// removed/ (removed_signers.h). Runs with the rights of the keystore's owner; writing requires the
// keystore's lock.
#pragma once

#include <string>
#include <string_view>

#include "keystore/store/content.h"
#include "keystore/store/entry_directory.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// "spki-…" for "spki:…", because a colon in a file name is inconvenient in shells and tar.
[[nodiscard]] std::string signer_entry_name(std::string id);
[[nodiscard]] std::string signer_id_of_entry(std::string name);

/// Errors: Code::usage or Code::config for a record that could not be read again; then nothing is
/// written.
Status write_signer(const EntryParent& signers, const SignerRecord& record, std::string_view key);

/// The record of the entry with this name. Errors: Code::config.
[[nodiscard]] Result<SignerRecord> read_signer_record(const EntryParent& signers,
                                                      const std::string& name, Trust trust);
/// Armored OpenPGP key, or PEM. Errors: Code::config.
[[nodiscard]] Result<std::string> read_signer_key(const EntryParent& signers,
                                                  const SignerRecord& record, Trust trust);

}  // namespace sifguard
