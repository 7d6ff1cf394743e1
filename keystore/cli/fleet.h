// The nodes of a cluster as `sifctl nodes` sees them: what was asked, what was answered, and how
// that is judged and shown. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "keystore/cli/node_answer.h"

namespace sifguard {

/// From well to worst; as a number, what `sifctl nodes` ends with.
enum class NodeVerdict : std::uint8_t { ok = 0, warning = 1, problem = 2, no_answer = 3 };
[[nodiscard]] const char* verdict_name(NodeVerdict verdict);

/// A node, and what came of asking it.
struct FleetNode {
  std::string name;     ///< Slurm's
  std::string failure;  ///< why it did not answer, or not to the end; empty: nothing failed
  std::optional<std::string> text;       ///< what it printed
  std::int64_t asked = 0, answered = 0;  ///< Unix seconds here; 0: not known
};

struct NodeReason {
  NodeVerdict verdict = NodeVerdict::problem;
  std::string what;  ///< not escaped
};

struct JudgedNode {
  std::string name;
  NodeVerdict verdict = NodeVerdict::ok;
  NodeAnswer answer;
  std::string plugin;                 ///< "yes", "no" or "?": whether Slurm there loads ours
  std::optional<std::int64_t> clock;  ///< seconds that it is ahead at least; 0: within the exchange
  std::vector<NodeReason> reasons;    ///< what is wrong besides doctor's findings
};

[[nodiscard]] JudgedNode judge_node(const FleetNode& node);

/// The worst of all; ok for none.
[[nodiscard]] NodeVerdict worst_of(const std::vector<JudgedNode>& nodes);

/// Columns for a table of 80 columns, with names of up to 10 characters.
[[nodiscard]] std::vector<std::string> fleet_header();
[[nodiscard]] std::vector<std::string> fleet_row(const JudgedNode& node, std::int64_t now);

/// The check of what is wrong with an answer itself, beside doctor's.
inline constexpr const char* kOfTheAnswer = "answer";

/// The same finding or reason of several nodes, once.
struct SharedFinding {
  NodeVerdict verdict = NodeVerdict::ok;
  std::string check, what, remedy;
  std::vector<std::string> nodes;
};
/// The worst first, and then those of most nodes.
[[nodiscard]] std::vector<SharedFinding> shared_findings(const std::vector<JudgedNode>& nodes);
/// "node1, node2, node3 and 61 more".
[[nodiscard]] std::string shown_nodes(const std::vector<std::string>& nodes);

[[nodiscard]] nlohmann::ordered_json to_json(const JudgedNode& node, std::int64_t now);

}  // namespace sifguard
