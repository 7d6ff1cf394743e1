// sifctl key create: makes a key pair, and files to hand on. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_key_create(CLI::App& group, Session& session);

}  // namespace sifguard
