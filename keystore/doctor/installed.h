// Where this host has the plugin and the helper. The caller's rights.
#pragma once

#include <optional>
#include <string>

#include "keystore/doctor/examined.h"
#include "keystore/doctor/plugstack_file.h"

namespace sifguard {

inline constexpr std::string_view kPluginFile = "spank_sifguard.so";
/// Writes down what Slurm knows of each job; loaded where something depends on that.
inline constexpr std::string_view kJobPluginFile = "spank_sifguard_job.so";

/// The plugstack.conf to look at: the one of the plan, or the first that there is where Slurm has
/// it; empty if there is none.
[[nodiscard]] std::string plugstack_of(const ExaminePlan& plan);
/// The line that loads our plugin, or another file of ours; nullopt also where plugstack.conf
/// cannot be read.
[[nodiscard]] std::optional<PlugstackLine> plugin_line(const ExaminePlan& plan,
                                                       std::string_view plugin = kPluginFile);
/// The helper that the plugin starts.
[[nodiscard]] std::string helper_of(const std::optional<PlugstackLine>& line);

}  // namespace sifguard
