// Where this host has the plugin and the helper. The caller's rights.
#pragma once

#include <optional>
#include <string>

#include "keystore/doctor/examined.h"
#include "keystore/doctor/plugstack_file.h"

namespace sifguard {

inline constexpr std::string_view kPluginFile = "spank_sifguard.so";

/// The plugstack.conf to look at: the one of the plan, or the first that there is where Slurm has
/// it; empty if there is none.
[[nodiscard]] std::string plugstack_of(const ExaminePlan& plan);
/// The line that loads our plugin; nullopt also where plugstack.conf cannot be read.
[[nodiscard]] std::optional<PlugstackLine> plugin_line(const ExaminePlan& plan);
/// The helper that the plugin starts.
[[nodiscard]] std::string helper_of(const std::optional<PlugstackLine>& line);

}  // namespace sifguard
