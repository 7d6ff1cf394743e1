// sifctl key rotate: makes the key that replaces another. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_key_rotate(CLI::App& group, Session& session);

}  // namespace sifguard
