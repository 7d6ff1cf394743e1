// Makes the runtime's argument vector from the decisions. Pure; helper, root.
#include "helper/launch/plan.h"

#include <algorithm>
#include <array>

#include "helper/launch/bind.h"
#include "helper/launch/inner_value.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

bool is_absolute(const std::string& path) {
  return path.starts_with('/') && path.find('\0') == std::string::npos;
}

Result<std::string> add_bind(const std::string& text, const PlanInput& input, LaunchPlan& plan) {
  SG_TRY(const Bind bind, parse_bind(text, input.cwd, input.hidden));
  plan.args.emplace_back("--mount");
  plan.args.push_back(mount_argument(bind));
  return bind.source;
}

Status add_binds(const PlanInput& input, LaunchPlan& plan) {
  for (const std::string& text : input.site_binds) {
    SG_TRY(plan.site_sources.emplace_back(), add_bind(text, input, plan));
  }
  for (const std::string& text : input.binds) {
    SG_TRY(plan.asked_sources.emplace_back(), add_bind(text, input, plan));
  }
  if (input.batch_script.empty()) return {};
  const std::string script = format_bind({input.batch_script, input.batch_script, true});
  if (auto added = add_bind(script, input, plan); !added) return tl::unexpected(added.error());
  return {};
}

/// Names that the runtimes set themselves, whatever they are told (tried: Apptainer 1.4.5), or that
/// their own scripts use.
bool is_runtimes_name(std::string_view name) {
  constexpr std::array kNames = {std::string_view("HOME"), std::string_view("UID"),
                                 std::string_view("EUID"), std::string_view("GID"),
                                 std::string_view("e"),    std::string_view("key")};
  constexpr std::array kEnds = {std::string_view("_SHELL"), std::string_view("_APPNAME"),
                                std::string_view("_ENVIRONMENT")};
  if (contains(kNames, name)) return true;
  if (name.starts_with("__") && name.ends_with("__")) return true;
  return (name.starts_with("APPTAINER_") || name.starts_with("SINGULARITY_")) &&
         std::any_of(kEnds.begin(), kEnds.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

Status add_variable(const std::string& text, const PlanInput& input, LaunchPlan& plan) {
  const std::string name = text.substr(0, text.find('='));
  if (!is_variable_name(name)) {
    return fail(Code::usage, "variable '" + printable(text, 200) + "': not a name",
                "write NAME or NAME=VALUE, of letters, digits and '_'");
  }
  if (is_runtimes_name(name)) {
    return fail(Code::usage, "variable " + name + ": the container runtime sets it itself",
                "leave it out of --sif-env");
  }
  const std::string target = input.variable_prefix + name + "=";
  if (name.size() == text.size()) {
    plan.copied.push_back(target + name);
  } else {
    plan.environment.push_back(target + inner_value(text.substr(name.size() + 1)));
  }
  return {};
}

/// A command is started in it by ours; the runtime, which says little of a directory that is not
/// there, is only kept from choosing one.
Status add_workdir(const std::string& workdir, LaunchPlan& plan) {
  if (!is_absolute(workdir)) {
    return fail(Code::usage, "working directory '" + printable(workdir, 200) + "': not absolute");
  }
  plan.args.emplace_back("--pwd");
  plan.args.push_back(plan.start ? "/" : workdir);
  if (plan.start) plan.start = workdir;
  return {};
}

/// Those of an image's own variables that the runtime would not set, or sets itself, are left to
/// it; the user's word counts before the image's.
void add_image_environment(const PlanInput& input, LaunchPlan& plan) {
  const auto name_of = [](const std::string& text) { return text.substr(0, text.find('=')); };
  for (const std::string& text : input.image_environment) {
    const std::string name = name_of(text);
    if (!is_variable_name(name) || is_runtimes_name(name)) continue;
    const bool asked = std::any_of(input.variables.begin(), input.variables.end(),
                                   [&](const std::string& one) { return name_of(one) == name; });
    if (asked) continue;
    plan.environment.push_back(input.variable_prefix + name + "=" +
                               inner_value(text.substr(name.size() + 1)));
  }
}

/// The user's, or else the image's; "/" says nothing, as most images have it.
const std::string& workdir_of(const PlanInput& input) {
  const bool by_image = input.workdir.empty() && input.image_workdir != "/";
  return by_image ? input.image_workdir : input.workdir;
}

const char* volume_of(const PlanInput& input) {
  if (input.quiet) return "--silent";
  return input.verbose ? nullptr : "--quiet";
}

}  // namespace

Result<LaunchPlan> make_plan(const PlanInput& input) {
  if (!is_absolute(input.runtime)) {
    return fail(Code::internal, "the runtime's path is not absolute: " + input.runtime);
  }
  if (!is_absolute(input.image_path)) {
    return fail(Code::internal, "the image's path is not absolute: " + input.image_path);
  }

  LaunchPlan plan;
  plan.runtime = input.runtime;
  if (const char* const volume = volume_of(input)) plan.args.emplace_back(volume);
  const bool runscript = input.run && !input.image_command;
  if (!runscript) plan.start = ".";
  if (input.run) plan.command = input.image_command;
  plan.args.emplace_back(runscript ? "run" : "exec");
  if (input.encrypted) plan.args.push_back(std::string("--pem-path=") + kPemPath);
  if (input.contain) plan.args.emplace_back("--contain");
  if (input.nv) plan.args.emplace_back("--nv");
  if (input.rocm) plan.args.emplace_back("--rocm");
  if (const auto& workdir = workdir_of(input); !workdir.empty()) {
    SG_CHECK(add_workdir(workdir, plan));
  }
  SG_CHECK(add_binds(input, plan));
  plan.args.push_back(input.image_path);
  if (!input.pmix_directory.empty()) plan.shown = {"PMIX_SERVER_TMPDIR=" + input.pmix_directory};
  if (!input.pmix_client_directory.empty()) {
    plan.shown_below = {"SLURM_PMIX_TMPDIR=" + input.pmix_client_directory};
  }
  if (input.forward_environment) {
    plan.inner_prefix = input.variable_prefix;
  } else {
    plan.dropped = {"APPTAINERENV_", "SINGULARITYENV_"};
  }
  for (const std::string& each : input.variables) SG_CHECK(add_variable(each, input, plan));
  add_image_environment(input, plan);
  return plan;
}

}  // namespace sifguard
