// sifctl nodes: the nodes of a cluster, asked through Slurm itself. Runs with the rights of the
// admin; on the nodes, sifguard-node-status runs as root.
#include <time.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/cli/commands.h"
#include "keystore/cli/fleet.h"
#include "keystore/cli/fleet_ask.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct NodesOptions {
  FleetPlan plan;
  std::string answers, config = SIFGUARD_CONFIG_FILE;
};

Result<std::vector<JudgedNode>> judged_nodes(const NodesOptions& options) {
  std::vector<FleetNode> asked;
  if (options.answers.empty()) {
    SG_TRY(const Config config, load_config(options.config, Session::trust()));
    SG_TRY(asked, ask_fleet(config, options.plan));
  } else {
    SG_TRY(asked, read_fleet(options.answers));
  }
  std::vector<JudgedNode> nodes;
  nodes.reserve(asked.size());
  for (FleetNode& node : asked) {
    nodes.push_back(judge_node(node));
    node.text.reset();
  }
  return nodes;
}

/// A node without an answer is a problem; there is no worse one for a monitor.
NodeVerdict of_all(const std::vector<JudgedNode>& nodes) {
  return std::min(worst_of(nodes), NodeVerdict::problem);
}

void answer(const Session& session, const std::vector<JudgedNode>& nodes, std::int64_t now) {
  Json list = Json::array();
  std::size_t silent = 0;
  for (const JudgedNode& node : nodes) {
    list.push_back(to_json(node, now));
    if (node.verdict == NodeVerdict::no_answer) ++silent;
  }
  session.answer("fleet", {{"status", verdict_name(of_all(nodes))},
                           {"nodes", nodes.size()},
                           {"without_answer", silent},
                           {"items", list}});
}

void print_reasons(const Session& session, const std::vector<JudgedNode>& nodes, bool findings) {
  std::vector<std::vector<std::string>> rows;
  for (const SharedFinding& one : shared_findings(nodes)) {
    if (!findings && one.check != kOfTheAnswer) continue;
    rows.push_back({verdict_name(one.verdict), shown_nodes(one.nodes), one.check,
                    one.what + (one.remedy.empty() ? "" : "; " + one.remedy)});
  }
  if (rows.empty()) return;
  if (!findings) session.out("\n");
  session.print_table({"VERDICT", "NODES", "CHECK", "WHAT"}, rows);
}

Status status(Session& session, const NodesOptions& options) {
  SG_TRY(const auto nodes, judged_nodes(options));
  const std::int64_t now = ::time(nullptr);
  answer(session, nodes, now);
  std::vector<std::vector<std::string>> rows;
  for (const JudgedNode& node : nodes) rows.push_back(fleet_row(node, now));
  session.print_table(fleet_header(), rows);
  print_reasons(session, nodes, false);
  session.status = static_cast<int>(of_all(nodes));
  return {};
}

Status doctor(Session& session, const NodesOptions& options) {
  SG_TRY(const auto nodes, judged_nodes(options));
  answer(session, nodes, ::time(nullptr));
  if (worst_of(nodes) == NodeVerdict::ok) {
    session.out("all is well on " + std::to_string(nodes.size()) + " nodes\n");
  } else {
    print_reasons(session, nodes, true);
  }
  session.status = static_cast<int>(of_all(nodes));
  return {};
}

constexpr const char* kAbout = R"(
Each node gets a job of root's, through Slurm, that runs sifguard-node-status there; what does not answer
is named, and the others go on. To ask nodes in another way, save what that program prints on each, as
root, in a file with the node's name, and give the directory with --answers.
)";
constexpr const char* kStatuses = R"(
Exit status: 0 all is well, 1 only warnings, 2 a problem, or a node that does not answer.)";

void add_one(CLI::App& group, Session& session, const char* name, const char* help,
             const std::string& more, Status (*action)(Session&, const NodesOptions&)) {
  const auto o = std::make_shared<NodesOptions>();
  auto* command = group.add_subcommand(name, help);
  command->footer(kAbout + more + kStatuses);
  auto* list =
      command->add_option("--nodes", o->plan.nodes, "As srun --nodelist takes them; else all")
          ->type_name("LIST");
  command->add_option("--answers", o->answers, "Ask nobody, and read the answers in DIR")
      ->type_name("DIR")
      ->excludes(list);
  command->add_option("--wait", o->plan.wait_s, "Seconds for a node to have a free CPU")
      ->check(CLI::Range(1, 3600))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--at-once", o->plan.at_once, "How many nodes are asked at the same time")
      ->check(CLI::Range(1, 256))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--srun", o->plan.srun, "An option for srun, such as --partition=P")
      ->type_name("OPTION");
  command->add_option("--config", o->config, "This host's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  session.on_read(command, [&session, o, action] { return action(session, *o); });
}

}  // namespace

void add_nodes_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("nodes", "The nodes of this cluster, asked through Slurm");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_one(
      *group, session, "status", "A line for each node: versions, keys, lists, cache, clock",
      R"(SERIAL is that of the last bundle, LISTS the age of the oldest revocation list or OCSP answer, CACHE how
full the cache is, and CLOCK how far the node's clock is off at least.
  sifctl nodes status
  sifctl nodes status --nodes 'node[1-64]' --json
  sifctl nodes status --srun=--partition=secure)",
      status);
  add_one(*group, session, "doctor", "What `sifctl doctor` finds on each node, once for all alike",
          R"(  sifctl nodes doctor --nodes 'node[1-64]'
  sifctl nodes doctor --answers saved)",
          doctor);
}

}  // namespace sifguard
