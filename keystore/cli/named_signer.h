// A signer as the admin names it on the command line. Runs with the rights of the admin.
#pragma once

#include <string>
#include <string_view>

#include "keystore/store/keystore.h"

namespace sifguard {

/// The canonical id (keystore/policy/signer_id.h) that `typed` means. Errors: Code::usage when it
/// names none; Code::config when the keystore holds no such signer.
[[nodiscard]] Result<std::string> named_signer(const Keystore& keystore, std::string_view typed);

}  // namespace sifguard
