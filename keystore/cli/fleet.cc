// How the nodes of a cluster are judged and shown. Pure.
#include "keystore/cli/fleet.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "keystore/base/clock.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kClockWarning = 5;  // seconds; a problem is more than kClockSkew
constexpr std::size_t kMostNames = 8;      // that are shown of a finding's nodes

/// How far the clock there is ahead at least, whenever within the exchange it was read.
std::int64_t ahead_at_least(std::int64_t there, std::int64_t asked, std::int64_t answered) {
  if (there > answered) return there - answered;
  return there < asked ? there - asked : 0;
}

std::string signed_seconds(std::int64_t seconds) {
  if (seconds == 0) return "0";
  const std::string sign = seconds > 0 ? "+" : "-";
  const std::int64_t size = std::abs(seconds);
  if (size >= kDay) return sign + std::to_string(size / kDay) + "d";
  return sign + std::to_string(size) + "s";
}

/// "45m", "17h", "3d".
std::string short_age(std::int64_t seconds) {
  if (seconds < 0) return "ahead";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 2 * kDay) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / kDay) + "d";
}

void raise(JudgedNode& node, NodeVerdict verdict, std::string reason) {
  node.verdict = std::max(node.verdict, verdict);
  if (!reason.empty()) node.reasons.push_back({verdict, std::move(reason)});
}

void judge_clock(const FleetNode& asked, JudgedNode& node) {
  if (!node.answer.time || asked.asked == 0) return;
  // A node may say any number.
  constexpr std::int64_t kMost = std::int64_t{1} << 40U;
  const std::int64_t there = std::clamp(*node.answer.time, -kMost, kMost);
  node.clock = ahead_at_least(there, asked.asked, asked.answered);
  const std::int64_t off = std::abs(*node.clock);
  if (off <= kClockWarning) return;
  raise(
      node, off > kClockSkew ? NodeVerdict::problem : NodeVerdict::warning,
      "its clock is " + std::to_string(off) + " seconds " + (*node.clock > 0 ? "ahead" : "behind"));
}

void judge_findings(JudgedNode& node) {
  node.plugin = node.answer.examined ? "yes" : "?";
  for (const NodeFinding& finding : node.answer.findings) {
    raise(node, finding.problem ? NodeVerdict::problem : NodeVerdict::warning, "");
    // A plugin of another Slurm is not loaded.
    if (finding.problem && (finding.check == "plugstack" || finding.check == "slurm")) {
      node.plugin = "no";
    }
  }
}

std::string cache_share(const std::optional<NodeCache>& cache) {
  if (!cache) return "?";
  if (cache->max_bytes == 0) return "-";
  const double share = static_cast<double>(cache->bytes) / static_cast<double>(cache->max_bytes);
  return std::to_string(static_cast<int>(std::min(share, 9.99) * 100)) + "%";
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "?" : text;
}

Json number_or_null(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json();
}

Json reasons_json(const JudgedNode& node) {
  Json list = Json::array();
  for (const NodeReason& reason : node.reasons) list.push_back(reason.what);
  return list;
}

Json findings_json(const NodeAnswer& answer) {
  Json list = Json::array();
  for (const NodeFinding& one : answer.findings) {
    list.push_back({{"severity", one.problem ? "problem" : "warning"},
                    {"check", one.check},
                    {"what", one.what},
                    {"remedy", text_or_null(one.remedy)}});
  }
  return list;
}

}  // namespace

const char* verdict_name(NodeVerdict verdict) {
  constexpr std::array kNames = {"ok", "warning", "problem", "no answer"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

JudgedNode judge_node(const FleetNode& asked) {
  JudgedNode node;
  node.name = asked.name;
  const bool silent = !asked.text || asked.text->empty();
  if (!silent) node.answer = read_node_answer(*asked.text);
  judge_findings(node);
  if (!asked.failure.empty() || silent) {
    raise(node, silent ? NodeVerdict::no_answer : NodeVerdict::problem,
          asked.failure.empty() ? "it printed nothing" : asked.failure);
  }
  for (const std::string& trouble : node.answer.trouble) {
    raise(node, NodeVerdict::problem, trouble);
  }
  if (!node.answer.node.empty() && node.answer.node != node.name) {
    raise(node, NodeVerdict::problem, "it says that it is '" + node.answer.node + "'");
  }
  judge_clock(asked, node);
  return node;
}

NodeVerdict worst_of(const std::vector<JudgedNode>& nodes) {
  NodeVerdict worst = NodeVerdict::ok;
  for (const JudgedNode& node : nodes) worst = std::max(worst, node.verdict);
  return worst;
}

std::vector<std::string> fleet_header() {
  return {"NODE", "VERDICT", "PLUGIN", "SIFGUARD", "SLURM", "SERIAL", "LISTS", "CACHE", "CLOCK"};
}

std::vector<std::string> fleet_row(const JudgedNode& node, std::int64_t now) {
  if (node.verdict == NodeVerdict::no_answer) return {node.name, verdict_name(node.verdict)};
  const NodeAnswer& answer = node.answer;
  std::string lists = answer.has_lists ? "-" : "?";
  if (answer.lists > 0) lists = answer.oldest ? short_age(now - *answer.oldest) : "?";
  return {node.name,
          verdict_name(node.verdict),
          node.plugin,
          or_unknown(answer.version),
          or_unknown(answer.slurm),
          answer.serial ? std::to_string(*answer.serial) : "-",
          lists,
          cache_share(answer.cache),
          node.clock ? signed_seconds(*node.clock) : "?"};
}

std::vector<SharedFinding> shared_findings(const std::vector<JudgedNode>& nodes) {
  std::map<std::tuple<NodeVerdict, std::string, std::string, std::string>, std::vector<std::string>>
      found;
  for (const JudgedNode& node : nodes) {
    for (const NodeReason& reason : node.reasons) {
      found[{reason.verdict, kOfTheAnswer, reason.what, ""}].push_back(node.name);
    }
    for (const NodeFinding& one : node.answer.findings) {
      const auto severity = one.problem ? NodeVerdict::problem : NodeVerdict::warning;
      auto& names = found[{severity, one.check, one.what, one.remedy}];
      if (names.empty() || names.back() != node.name) names.push_back(node.name);
    }
  }
  std::vector<SharedFinding> list;
  for (auto& [key, names] : found) {
    const auto& [verdict, check, what, remedy] = key;
    list.push_back({verdict, check, what, remedy, std::move(names)});
  }
  std::stable_sort(list.begin(), list.end(), [](const SharedFinding& a, const SharedFinding& b) {
    return std::pair(a.verdict, a.nodes.size()) > std::pair(b.verdict, b.nodes.size());
  });
  return list;
}

std::string shown_nodes(const std::vector<std::string>& nodes) {
  std::string text;
  for (std::size_t i = 0; i < nodes.size() && i < kMostNames; ++i) {
    text += (i == 0 ? "" : ", ") + nodes[i];
  }
  if (nodes.size() > kMostNames) {
    text += " and " + std::to_string(nodes.size() - kMostNames) + " more";
  }
  return text;
}

Json to_json(const JudgedNode& node, std::int64_t now) {
  const NodeAnswer& answer = node.answer;
  Json cache;
  if (answer.cache) {
    cache = {{"entries", answer.cache->entries},
             {"bytes", answer.cache->bytes},
             {"max_bytes", answer.cache->max_bytes}};
  }
  Json lists;
  if (answer.has_lists) {
    lists = {{"count", answer.lists},
             {"oldest_age_s", answer.oldest ? Json(now - *answer.oldest) : Json()},
             {"first_end", answer.first_end ? utc_or_null(*answer.first_end) : Json()}};
  }
  return {{"node", node.name},
          {"verdict", verdict_name(node.verdict)},
          {"plugin", node.plugin},
          {"version", text_or_null(answer.version)},
          {"slurm", text_or_null(answer.slurm)},
          {"serial", number_or_null(answer.serial)},
          {"lists", lists},
          {"cache", cache},
          {"clock_s", number_or_null(node.clock)},
          {"reasons", reasons_json(node)},
          {"findings", findings_json(answer)}};
}

}  // namespace sifguard
