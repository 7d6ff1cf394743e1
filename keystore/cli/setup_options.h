// The options of `sifctl setup`. Runs with the rights of the admin.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "keystore/cli/setup_keystore.h"
#include "sifguard/paths.h"

namespace sifguard {

/// Steps that can be left out.
inline constexpr const char* kAccountStep = "account";
inline constexpr const char* kPluginStep = "plugin";

struct SetupOptions {
  SetupWanted wanted;
  std::string config = SIFGUARD_CONFIG_FILE, slurm_conf, test_user;
  std::vector<std::string> skip;
  bool yes = false;
  bool no_test = false;
};

void offer_setup_options(CLI::App& command, SetupOptions& options);

/// Finds what is wrong with the options before anything is changed.
Status check_wanted(const SetupWanted& wanted);

/// Sets the file of the public key, unless it is named or there is no key: in the directory of the
/// node's configuration, which everybody may read.
void name_public_key(SetupWanted& wanted);

}  // namespace sifguard
