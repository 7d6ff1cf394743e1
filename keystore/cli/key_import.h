// sifctl key import: takes in a key pair made elsewhere. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_key_import(CLI::App& group, Session& session);

}  // namespace sifguard
