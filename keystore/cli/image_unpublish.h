// sifctl image unpublish. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_unpublish_command(CLI::App& image, Session& session);

}  // namespace sifguard
