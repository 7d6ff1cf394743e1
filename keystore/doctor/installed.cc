// Where the plugin and the helper are installed on this host. The caller's rights.
#include "keystore/doctor/installed.h"

#include <unistd.h>

#include "keystore/base/run_program.h"

namespace sifguard {

std::string plugstack_of(const ExaminePlan& plan) {
  if (!plan.plugstack_file.empty()) return plan.plugstack_file;
  // The second is where slurmd keeps what slurmctld sends it.
  for (const char* usual : {"/etc/slurm/plugstack.conf", "/run/slurm/conf/plugstack.conf",
                            "/usr/local/etc/plugstack.conf"}) {
    if (::access(usual, F_OK) == 0) return usual;
  }
  return {};
}

std::optional<PlugstackLine> plugin_line(const ExaminePlan& plan, std::string_view plugin) {
  const std::string file = plugstack_of(plan);
  if (file.empty()) return std::nullopt;
  const auto lines = read_plugstack(file);
  if (!lines) return std::nullopt;
  for (const PlugstackLine& line : *lines) {
    if (line.plugin.substr(line.plugin.rfind('/') + 1) == plugin) return line;
  }
  return std::nullopt;
}

std::string helper_of(const std::optional<PlugstackLine>& line) {
  std::string named = line ? line->argument("helper") : std::string();
  return named.empty() ? own_program("sifguard-helper") : named;
}

}  // namespace sifguard
