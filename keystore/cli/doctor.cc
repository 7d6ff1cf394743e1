// sifctl doctor: examines this host and its keystore, for people and for monitoring. Runs with the
// rights of the admin; changes nothing. The checks are keystore/doctor.
#include "keystore/cli/commands.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/contains.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/base/verdict_colour.h"
#include "keystore/cli/policy_problems.h"
#include "keystore/cli/session.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/prospects.h"
#include "keystore/store/published_records.h"
#include "keystore/store/trust_store.h"
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
  const auto wanted = [&](std::string_view name) { return !contains(skip, name); };
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

/// How many of each thing were there to be looked at; what could not be read was none.
std::vector<std::pair<std::string, std::size_t>> looked_at(const Examined& examined) {
  const auto trusted = [&](TrustKind kind) -> std::size_t {
    if (!examined.keystore) return 0;
    const auto items = trust_items(*examined.keystore, kind);
    return items ? items->size() : 0;
  };
  const auto published = examined.keystore ? published_records(*examined.keystore)
                                           : Result<std::vector<PublishedRecord>>();
  return {{"binding", examined.policy ? examined.policy->bindings.size() : 0},
          {"key", examined.keys ? examined.keys->size() : 0},
          {"signer", examined.signers ? examined.signers->size() : 0},
          {"CA certificate", trusted(TrustKind::root) + trusted(TrustKind::intermediate)},
          {"revocation list", trusted(TrustKind::crl)},
          {"OCSP answer", trusted(TrustKind::response)},
          {"published image", published ? published->size() : 0}};
}

Json to_json(const std::vector<Prospect>& prospects) {
  Json list = Json::array();
  for (const Prospect& one : prospects) {
    list.push_back({{"name", one.name},
                    {"passes", one.passes},
                    {"until", utc_or_null(one.until)},
                    {"why", text_or_null(one.why)}});
  }
  return list;
}

Json to_json(const std::vector<std::pair<std::string, std::size_t>>& counts) {
  Json object = Json::object();
  for (const auto& [word, count] : counts) {
    std::string name = to_lower(word) + "s";
    std::replace(name.begin(), name.end(), ' ', '_');
    object[name] = count;
  }
  return object;
}

void answer(const Session& session, const Examined& examined, const Findings& findings,
            const std::vector<std::string>& skipped) {
  const Prospects prospects = find_prospects(examined);
  Json list = Json::array();
  for (const Finding& finding : sorted(findings)) {
    list.push_back({{"severity", severity_name(finding.severity)},
                    {"check", finding.check},
                    {"where", finding.where},
                    {"what", finding.what},
                    {"remedy", finding.remedy}});
  }
  constexpr std::array<const char*, 3> kLevels = {"ok", "warning", "problem"};
  session.answer("examination", {{"status", kLevels.at(static_cast<std::size_t>(findings.level()))},
                                 {"version", SIFGUARD_VERSION},
                                 {"keystore", examined.plan.directory},
                                 {"time", format_utc(examined.plan.now)},
                                 {"skipped", skipped},
                                 {"looked_at", to_json(looked_at(examined))},
                                 {"bindings", to_json(prospects.bindings)},
                                 {"keys", to_json(prospects.keys)},
                                 {"findings", list}});
}

void print_findings(const Session& session, const Findings& findings) {
  if (findings.all().empty()) {
    const std::string_view good = "all is well";
    session.out((wants_colour(STDOUT_FILENO) ? in_colour_of(good, good) : std::string(good)) +
                "\n");
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : sorted(findings)) {
    rows.push_back({std::string(severity_name(finding.severity)), finding.check,
                    finding.what + "; " + finding.remedy});
  }
  session.print_table({"SEVERITY", "CHECK", "WHAT, AND WHAT TO DO"}, rows);
}

/// "3 of 4 bindings (not x: why); the first to end is 'y', on 2027-01-31T12:00:00Z: what ends"
std::string describe(const std::vector<Prospect>& all, const char* word) {
  constexpr std::size_t kMostNames = 8;
  std::string closed;
  std::size_t open = 0;
  const Prospect* first = nullptr;
  for (const Prospect& one : all) {
    if (one.passes) {
      ++open;
      if (one.until != 0 && (first == nullptr || one.until < first->until)) first = &one;
      continue;
    }
    const std::size_t told = static_cast<std::size_t>(&one - all.data()) - open;
    if (told < kMostNames) closed += (closed.empty() ? "" : ", ") + one.name + ": " + one.why;
    if (told == kMostNames) closed += ", …";
  }
  std::string text = std::to_string(open) + " of " + std::to_string(all.size()) + " " + word +
                     (all.size() == 1 ? "" : "s");
  if (!closed.empty()) text += " (not " + closed + ")";
  if (first != nullptr) {
    text += "; the first to end is '" + first->name + "', on " + format_utc(first->until) + ": " +
            first->why;
  }
  return text;
}

/// What was looked at, also where all is well.
void print_scope(const Session& session, const Examined& examined,
                 const std::vector<std::string>& skipped) {
  std::string things;
  for (const auto& [word, count] : looked_at(examined)) {
    things +=
        (things.empty() ? "" : ", ") + std::to_string(count) + " " + word + (count == 1 ? "" : "s");
  }
  std::string checks;
  for (const std::string& name : check_names()) {
    const bool skip = contains(skipped, name);
    if (!skip) checks += (checks.empty() ? "" : " ") + name;
  }
  const Prospects prospects = find_prospects(examined);
  session.print_fields({{"looked at", things},
                        {"checks", checks},
                        {"could launch", describe(prospects.bindings, "binding")},
                        {"could release", describe(prospects.keys, "key")}});
}

Status doctor(Session& session, const DoctorOptions& options) {
  ExaminePlan plan;
  SG_TRY(plan.directory, session.absolute_keystore_directory());
  plan.trust = Session::trust();
  plan.change_log = change_log_path(plan.directory);
  plan.config_file = options.config;
  plan.plugstack_file = options.plugstack;
  plan.now = ::time(nullptr);
  plan.ahead = static_cast<std::int64_t>(options.days) * 24 * 3600;
  Findings findings;
  const Examined examined = read_examined(std::move(plan), findings);
  run_checks(examined, options.skip, findings);
  if (session.json) {
    answer(session, examined, findings, options.skip);
  } else {
    print_findings(session, findings);
    print_scope(session, examined, options.skip);
  }
  session.status = findings.level();
  return {};
}

}  // namespace

void add_doctor_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("doctor", "Examine this host and its keystore");
  command->footer(R"(
This checks permissions, the store key and every private key, what expires soon, bindings, leftovers of
interrupted commands, the plugin in plugstack.conf, what is enforced and whether users can leave it,
holes of this Slurm and this container runtime, programs, the verifier's account, versions and the audit
log. It says what it checked and, for bindings and keys, whether any launch could succeed now, and until
when if nothing is renewed, by the launch's own checks. It changes nothing. Run it as root.
  sifctl doctor
  sifctl doctor --json --days 14
  sifctl doctor --skip plugstack --skip programs      # on a host that runs no jobs
Exit status: 0 all is well, 1 only warnings, 2 a problem.)");
  const auto o = std::make_shared<DoctorOptions>();
  command->add_option("--days", o->days, "Warn about what expires sooner")
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
  session.on_read(command, [&session, o] { return doctor(session, *o); });
}

}  // namespace sifguard
