// sifctl image publish|unpublish|published. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_publish_commands(CLI::App& image, Session& session);

}  // namespace sifguard
