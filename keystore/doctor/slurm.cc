// The installed Slurm: whether it has known vulnerabilities, and whether the plugin was built for
// it. The rights of the admin; srun is run for its version, and the plugin's file is read.
#include <unistd.h>

#include "keystore/base/text.h"
#include "keystore/doctor/ask_program.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/installed.h"
#include "keystore/doctor/plugin_mark.h"
#include "keystore/doctor/slurm_version.h"

namespace sifguard {
namespace {

void tell_hole(const std::string& srun, const SlurmVersion& version, Findings& findings) {
  const std::string fixed = fixed_in(version);
  if (fixed.empty()) return;
  findings.warn(srun,
                "Slurm " + version.text() +
                    " has known vulnerabilities: among them, an oversized variable of a SPANK "
                    "option in a job's environment overflows slurmstepd's stack (CVE-2026-65108)",
                "upgrade to " + fixed +
                    " or later (25.05.9, 25.11.8 and 26.05.4 fix it), or make sure that your "
                    "distribution's package has the fix");
}

/// Slurm does not load a plugin of another release, and then no srun works.
void tell_release(const std::string& plugin, const SlurmVersion& installed, const Trust& trust,
                  Findings& findings) {
  const auto mark = read_plugin_mark(plugin, kSlurmMark, trust);
  if (!mark) return;  // told by check_plugstack()
  const auto built = parse_slurm_release(*mark);
  if (!built) {
    findings.warn(plugin, plugin + " does not say for which Slurm it was built",
                  "install the slurm-spank-sifguard of this version");
    return;
  }
  if (built->release() == installed.release()) return;
  findings.problem(plugin,
                   plugin + " was built for Slurm " + built->release() + ", and Slurm " +
                       installed.text() + " is installed, which does not load it",
                   "install the slurm-spank-sifguard for Slurm " + installed.release());
}

}  // namespace

void check_slurm(const Examined& examined, Findings& findings) {
  const std::string srun = slurm_program(examined.config, "srun");
  if (::access(srun.c_str(), X_OK) != 0) return;  // a host without Slurm
  const auto output = ask_program(srun, "--version");
  if (!output) {
    findings.add(Severity::warning, srun, output.error(), "run it by hand: srun --version");
    return;
  }
  const auto version = parse_slurm_version(*output);
  if (!version) {
    findings.warn(srun,
                  srun + " does not say a version that is known here: " +
                      printable(output->substr(0, output->find('\n')), 100),
                  "check whether it is 25.05.9, 25.11.8, 26.05.4 or later");
    return;
  }
  tell_hole(srun, *version, findings);
  for (const std::string_view name : {kPluginFile, kJobPluginFile}) {
    const auto loaded = plugin_line(examined.plan, name);
    if (loaded && loaded->plugin.front() == '/') {
      tell_release(loaded->plugin, *version, examined.plan.trust, findings);
    }
  }
}

}  // namespace sifguard
