// sifctl signer add: takes in an OpenPGP public key. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_signer_add(CLI::App& group, Session& session);

}  // namespace sifguard
