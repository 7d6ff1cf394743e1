// Makes the runtime's argument vector of what has been decided. Pure; helper, root.
#include "helper/launch/plan.h"

#include <algorithm>

#include "helper/launch/bind.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

bool is_absolute(const std::string& path) {
  return path.starts_with('/') && path.find('\0') == std::string::npos;
}

Status add_bind(const std::string& text, const PlanInput& input, LaunchPlan& plan) {
  SG_TRY(const Bind bind, parse_bind(text, input.cwd, input.hidden));
  plan.args.emplace_back("--bind");
  plan.args.push_back(format_bind(bind));
  return {};
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
  const std::string target = input.variable_prefix + name + "=";
  if (name.size() == text.size()) {
    plan.copied.push_back(target + name);
  } else {
    plan.environment.push_back(target + text.substr(name.size() + 1));
  }
  return {};
}

Status add_workdir(const std::string& workdir, LaunchPlan& plan) {
  if (!is_absolute(workdir)) {
    return fail(Code::usage, "working directory '" + printable(workdir, 200) + "': not absolute");
  }
  plan.args.emplace_back("--pwd");
  plan.args.push_back(workdir);
  return {};
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
  if (input.quiet) plan.args.emplace_back("--silent");
  plan.args.emplace_back(input.run ? "run" : "exec");
  if (input.encrypted) plan.args.push_back(std::string("--pem-path=") + kPemPath);
  if (input.contain) plan.args.emplace_back("--contain");
  if (input.nv) plan.args.emplace_back("--nv");
  if (input.rocm) plan.args.emplace_back("--rocm");
  if (!input.workdir.empty()) SG_CHECK(add_workdir(input.workdir, plan));
  for (const std::string& bind : input.binds) SG_CHECK(add_bind(bind, input, plan));
  if (!input.batch_script.empty()) {
    const std::string bind = input.batch_script + ":" + input.batch_script + ":ro";
    SG_CHECK(add_bind(bind, input, plan));
  }
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
  return plan;
}

}  // namespace sifguard
