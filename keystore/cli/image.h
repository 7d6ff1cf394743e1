// sifctl image bind|unbind|list. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_image_commands(CLI::App& app, Session& session);

}  // namespace sifguard
