// Makes the runtime's argument vector of what has been decided. Pure; helper, root.
#include "helper/launch/plan.h"

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
  plan.args.emplace_back("exec");
  if (input.encrypted) plan.args.push_back(std::string("--pem-path=") + kPemPath);
  if (input.contain) plan.args.emplace_back("--contain");
  for (const std::string& bind : input.binds) SG_CHECK(add_bind(bind, input, plan));
  if (!input.batch_script.empty()) {
    const std::string bind = input.batch_script + ":" + input.batch_script + ":ro";
    SG_CHECK(add_bind(bind, input, plan));
  }
  plan.args.push_back(input.image_path);
  return plan;
}

}  // namespace sifguard
