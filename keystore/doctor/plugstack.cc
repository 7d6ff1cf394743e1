// The plugin in plugstack.conf and the files that it includes. The rights of the admin.
#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/installed.h"
#include "keystore/doctor/job_limits.h"
#include "keystore/doctor/said_besides.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

/// As in spank_plugin/options.cc.
bool is_known(const std::string& argument) {
  return argument == kEnforceArgument || argument.starts_with("helper=/") ||
         argument.starts_with("config=/") || argument.starts_with("state=/");
}

void check_file(const PlugstackLine& line, const Examined& examined, Findings& findings) {
  if (line.plugin.front() != '/') return;
  if (const auto file = open_trusted_file(line.plugin, examined.plan.trust); !file) {
    findings.add(Severity::problem, line.plugin, file.error(),
                 "install the plugin, or correct its path in " + line.file);
  }
}

void check_line(const PlugstackLine& line, const Examined& examined, Findings& findings) {
  const std::string where = line.file + ":" + std::to_string(line.line);
  if (!line.required) {
    findings.problem(where, "the plugin is optional: where it fails, Slurm runs tasks on the host",
                     "write required instead of optional");
  }
  check_file(line, examined, findings);
  for (const std::string& argument : line.arguments) {
    if (is_known(argument)) continue;
    findings.problem(where,
                     "the plugin does not know the argument '" + printable(argument, 100) + "'",
                     "write enforce, helper=/PATH, config=/PATH or state=/PATH");
  }
  const std::string config = line.argument("config");
  if (config.empty() ? examined.plan.config_file != SIFGUARD_CONFIG_FILE
                     : config != examined.plan.config_file) {
    const std::string used = config.empty() ? SIFGUARD_CONFIG_FILE : config;
    findings.warn(where, "the plugin uses the configuration " + used + ", not the one examined",
                  "examine it: sifctl doctor --config " + used);
  }
}

/// The second file costs every job on the node two processes, so it is to be there for a reason.
void check_job_plugin(const std::string& file, const Examined& examined, Findings& findings) {
  const auto line = plugin_line(examined.plan, kJobPluginFile);
  if (line) check_file(*line, examined, findings);
  if (!examined.configured || !examined.policy) return;  // told where they were read
  const std::string limited = limited_by_job(examined.config, *examined.policy);
  const std::string name(kJobPluginFile);
  if (!line && !limited.empty()) {
    findings.warn(file,
                  limited + " depends on a job's account, partition, QOS or reservation, and " +
                      name +
                      ", which writes them down, is not loaded: for each step squeue asks Slurm's "
                      "controller, and while that does not answer the step is refused",
                  "add the line: required /PATH/" + name + ", and restart slurmd");
  }
  if (line && limited.empty()) {
    findings.warn(line->file + ":" + std::to_string(line->line),
                  "nothing depends on what " + name +
                      " writes down, and slurmd starts two processes more for every job",
                  "take its line out, and restart slurmd");
  }
}

}  // namespace

void check_plugstack(const Examined& examined, Findings& findings) {
  const std::string file = plugstack_of(examined.plan);
  if (file.empty()) {
    findings.warn(
        "/etc/slurm/plugstack.conf", "this host has no plugstack.conf",
        "on a submit or compute node, load the plugin there; elsewhere, --skip plugstack");
    return;
  }
  const auto lines = read_plugstack(file);
  if (!lines) {
    findings.add(Severity::problem, file, lines.error(), "make it readable, or give --plugstack");
    return;
  }
  const auto line = plugin_line(examined.plan);
  if (!line) {
    findings.problem(file, "neither " + file + " nor what it includes loads the plugin",
                     "add the line: required /PATH/" + std::string(kPluginFile));
    return;
  }
  check_line(*line, examined, findings);
  check_job_plugin(file, examined, findings);
}

}  // namespace sifguard
