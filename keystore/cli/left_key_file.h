// The key's file that an interrupted `sifctl ca issue` left. Runs with the rights of the admin of
// the CA's host.
#pragma once

#include <string>

#include "keystore/base/error.h"
#include "keystore/cli/password.h"

namespace sifguard {

/// The key stays as protected as that run made it: the password that is given now must open it, and
/// must be given exactly if it is encrypted. Errors: Code::refused, and those of reading either.
[[nodiscard]] Status check_same_password(const PasswordSource& source, const std::string& path);

}  // namespace sifguard
