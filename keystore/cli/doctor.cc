// sifctl doctor: examines this host and its keystore, for people and for monitoring. Runs with the
// rights of the admin; changes nothing. The checks are keystore/doctor.
#include "keystore/cli/doctor.h"

#include <time.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/policy_problems.h"
#include "keystore/doctor/checks.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct DoctorOptions {
  int days = 30;
  std::string config = SIFGUARD_CONFIG_FILE;
  std::string plugstack;
  std::vector<std::string> skip;
};

constexpr std::string_view kBindings = "bindings";

/// What `sifctl policy check` would say of the policy in use.
void check_bindings(const Examined& examined, Findings& findings) {
  if (!examined.policy || !examined.keys || !examined.signers) return;
  const Rules rules{*examined.policy, *examined.signers, *examined.keys};
  for (const PolicyProblem& problem : find_problems(rules, examined.plan.now)) {
    const std::string where = std::string(kImagesFile) + ":" + std::to_string(problem.line);
    const std::string what = where + ": binding '" + problem.binding + "': " + problem.what;
    if (problem.ended) {
      findings.warn(where, what, "give it a later not_after, or unbind it");
    } else {
      findings.problem(where, what, "correct the binding, or what it names");
    }
  }
}

std::vector<std::string> check_names() {
  std::vector<std::string> names;
  for (const Check& check : kChecks) names.emplace_back(check.name);
  names.emplace_back(kBindings);
  return names;
}

void run_checks(const Examined& examined, const std::vector<std::string>& skip,
                Findings& findings) {
  const auto wanted = [&](std::string_view name) {
    return std::find(skip.begin(), skip.end(), name) == skip.end();
  };
  for (const Check& check : kChecks) {
    if (!wanted(check.name)) continue;
    findings.begin(check.name);
    check.run(examined, findings);
  }
  if (!wanted(kBindings)) return;
  findings.begin(kBindings);
  check_bindings(examined, findings);
}

/// The worst first; else in the order in which they were found.
std::vector<Finding> sorted(const Findings& findings) {
  std::vector<Finding> all = findings.all();
  std::stable_sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) {
    return static_cast<int>(a.severity) > static_cast<int>(b.severity);
  });
  return all;
}

void print_json(const Session& session, const Examined& examined, const Findings& findings,
                const std::vector<std::string>& skipped) {
  Json list = Json::array();
  for (const Finding& finding : sorted(findings)) {
    list.push_back({{"severity", severity_name(finding.severity)},
                    {"check", finding.check},
                    {"where", finding.where},
                    {"what", finding.what},
                    {"remedy", finding.remedy}});
  }
  constexpr std::array<const char*, 3> kLevels = {"ok", "warning", "problem"};
  session.print_json({{"status", kLevels.at(static_cast<std::size_t>(findings.level()))},
                      {"version", SIFGUARD_VERSION},
                      {"keystore", examined.plan.directory},
                      {"time", format_utc(examined.plan.now)},
                      {"skipped", skipped},
                      {"findings", list}});
}

void print_text(const Session& session, const Findings& findings) {
  if (findings.all().empty()) {
    session.out("all is well\n");
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : sorted(findings)) {
    rows.push_back({std::string(severity_name(finding.severity)), finding.check,
                    finding.what + "; " + finding.remedy});
  }
  session.print_table({"SEVERITY", "CHECK", "WHAT, AND WHAT TO DO"}, rows);
}

Status doctor(Session& session, const DoctorOptions& options) {
  ExaminePlan plan;
  SG_TRY(plan.directory, session.absolute_keystore_directory());
  plan.trust = Session::trust();
  plan.config_file = options.config;
  plan.plugstack_file = options.plugstack;
  plan.now = ::time(nullptr);
  plan.ahead = static_cast<std::int64_t>(options.days) * 24 * 3600;
  Findings findings;
  const Examined examined = read_examined(std::move(plan), findings);
  run_checks(examined, options.skip, findings);
  if (session.json) {
    print_json(session, examined, findings, options.skip);
  } else {
    print_text(session, findings);
  }
  session.status = findings.level();
  return {};
}

}  // namespace

void add_doctor_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("doctor", "Examine this host and its keystore");
  command->footer(R"(
Looks at permissions, the store key and every private key, what ends soon, bindings, leftovers of
interrupted commands, the plugin in plugstack.conf, what is enforced and whether users can leave it,
programs, the verifier's account, versions and the audit log. Changes nothing. Run it as root.
  sifctl doctor
  sifctl doctor --json --days 14
  sifctl doctor --skip plugstack --skip programs      # on a host that runs no jobs
Exit status: 0 all is well, 1 warnings alone, 2 a problem.)");
  const auto o = std::make_shared<DoctorOptions>();
  command->add_option("--days", o->days, "Warn of what ends sooner")
      ->check(CLI::Range(0, 36500))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--config", o->config, "The node's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--plugstack", o->plugstack, "Slurm's plugstack.conf, if elsewhere")
      ->type_name("FILE");
  command->add_option("--skip", o->skip, "Leave a check out")
      ->check(CLI::IsMember(check_names()))
      ->type_name("CHECK");
  session.offer_json(command);
  session.on(command, [&session, o] { return doctor(session, *o); });
}

}  // namespace sifguard
