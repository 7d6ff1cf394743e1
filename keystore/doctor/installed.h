// Where this host has the plugin and the helper. The caller's rights.
#pragma once

#include <optional>
#include <string>

#include "keystore/doctor/examined.h"
#include "keystore/doctor/plugstack_file.h"

namespace sifguard {

inline constexpr std::string_view kPluginFile = "spank_sifguard.so";
/// The plugin that writes down what Slurm knows about each job; it is needed where something
/// depends on that.
inline constexpr std::string_view kJobPluginFile = "spank_sifguard_job.so";

/// The plugstack.conf to examine: that of the plan, or the first one that exists in Slurm's places;
/// empty if there is none.
[[nodiscard]] std::string plugstack_of(const ExaminePlan& plan);
/// The line that loads our plugin, or another of our files; nullopt also if plugstack.conf cannot
/// be read.
[[nodiscard]] std::optional<PlugstackLine> plugin_line(const ExaminePlan& plan,
                                                       std::string_view plugin = kPluginFile);
/// The helper that the plugin starts.
[[nodiscard]] std::string helper_of(const std::optional<PlugstackLine>& line);

}  // namespace sifguard
