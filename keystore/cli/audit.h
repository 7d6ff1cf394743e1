// sifctl audit verify|tail|show: the audit logs. Runs with the rights of the admin; changes
// nothing.
#pragma once

#include <CLI/App.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

void add_audit_commands(CLI::App& app, Session& session);

}  // namespace sifguard
