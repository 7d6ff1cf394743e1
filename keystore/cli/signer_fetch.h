// sifctl signer fetch: gets an OpenPGP public key from a keyserver. Runs with the rights of the
// admin; the network is left to sifguard-fetch.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_signer_fetch(CLI::App& group, Session& session);

}  // namespace sifguard
