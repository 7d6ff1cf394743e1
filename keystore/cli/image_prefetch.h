// sifctl image prefetch. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_prefetch_command(CLI::App& image, Session& session);

}  // namespace sifguard
