// sifctl image list|show. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_image_list(CLI::App& group, Session& session);

}  // namespace sifguard
