// What the plugin's file says about itself, in marks that its sources put there
// (spank_plugin/{,job_}entry.cc). The caller's rights; the plugin is not loaded.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/trusted_file.h"

namespace sifguard {

inline constexpr std::string_view kVersionMark = "sifguard-plugin-version=";
inline constexpr std::string_view kSlurmMark = "sifguard-plugin-slurm=";

/// What follows the mark in the file `plugin`; empty if it has none. Errors: those of
/// read_trusted_file().
[[nodiscard]] Result<std::string> read_plugin_mark(const std::string& plugin, std::string_view mark,
                                                   const Trust& trust);

}  // namespace sifguard
