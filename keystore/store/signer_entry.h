// The directory of one signer: signers/ENTRY/{meta.yaml,key.asc|key.pem|cert.pem}. Runs with the
// rights of the keystore's owner; writing wants the keystore's lock held.
#pragma once

#include <string_view>

#include "keystore/store/entry.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Errors: Code::usage or Code::config, nothing written, for a record that could not be read again.
Status write_signer(const EntryParent& signers, const SignerRecord& record, std::string_view key);

}  // namespace sifguard
