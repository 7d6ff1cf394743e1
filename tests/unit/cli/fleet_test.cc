// How nodes are judged, and what is shown of them.
#include "keystore/cli/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "keystore/cli/table.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1796083290;

std::string answer_of(const std::string& node, const std::string& findings = "",
                      std::int64_t time = kNow) {
  return "{\"schema\": \"sifguard.node-status/1\", \"node\": \"" + node +
         "\", \"time\": " + std::to_string(time) +
         ", \"slurm\": \"24.11.5\"}\n{\n  \"schema\": \"sifguard.examination/1\",\n  \"version\": "
         "\"0.1.0\",\n  \"findings\": [" +
         findings + "]\n}\nend\n";
}

std::string finding(const std::string& severity, const std::string& check,
                    const std::string& what) {
  return R"({"severity": ")" + severity + R"(", "check": ")" + check + R"(", "what": ")" + what +
         R"(", "remedy": "mend it"})";
}

JudgedNode judged(const std::string& text, const std::string& failure = "") {
  return judge_node({"node1", failure, text, kNow - 1, kNow + 1});
}

std::vector<std::string> reasons(const JudgedNode& node) {
  std::vector<std::string> list;
  for (const NodeReason& reason : node.reasons) list.push_back(reason.what);
  return list;
}

TEST(Fleet, ANodeWithoutFindingsIsWell) {
  const JudgedNode node = judged(answer_of("node1"));
  EXPECT_EQ(node.verdict, NodeVerdict::ok);
  EXPECT_EQ(node.plugin, "yes");
  EXPECT_EQ(node.clock, 0);
  EXPECT_THAT(node.reasons, IsEmpty());
}

TEST(Fleet, TheWorstFindingIsTheVerdict) {
  const std::string warning = finding("warning", "keys", "unused");
  EXPECT_EQ(judged(answer_of("node1", warning)).verdict, NodeVerdict::warning);
  const auto node =
      judged(answer_of("node1", finding("problem", "sandbox", "none") + ", " + warning));
  EXPECT_EQ(node.verdict, NodeVerdict::problem);
  EXPECT_EQ(node.plugin, "yes");
}

TEST(Fleet, ANodeWhosePluginIsNotLoadedSaysSo) {
  for (const std::string check : {"plugstack", "slurm"}) {
    EXPECT_EQ(judged(answer_of("node1", finding("problem", check, "x"))).plugin, "no");
    EXPECT_EQ(judged(answer_of("node1", finding("warning", check, "x"))).plugin, "yes");
  }
}

TEST(Fleet, WhatDoesNotAnswerIsNamed) {
  const JudgedNode silent = judge_node({"node1", "its state is down*", std::nullopt, 0, 0});
  EXPECT_EQ(silent.verdict, NodeVerdict::no_answer);
  EXPECT_THAT(reasons(silent), ElementsAre("its state is down*"));
  EXPECT_THAT(fleet_row(silent, kNow), ElementsAre("node1", "no answer"));
  EXPECT_EQ(judged("").verdict, NodeVerdict::no_answer);
  EXPECT_THAT(reasons(judged("")), ElementsAre("it printed nothing"));
}

TEST(Fleet, AFailureAfterAnAnswerLosesNothing) {
  const JudgedNode node = judged(answer_of("node1"), "srun failed: node failure");
  EXPECT_EQ(node.verdict, NodeVerdict::problem);
  EXPECT_EQ(node.answer.version, "0.1.0");
  EXPECT_THAT(reasons(node), ElementsAre("srun failed: node failure"));
}

TEST(Fleet, AHalfAnswerIsAProblem) {
  const std::string whole = answer_of("node1");
  const JudgedNode node = judged(whole.substr(0, whole.size() - 10));
  EXPECT_EQ(node.verdict, NodeVerdict::problem);
  EXPECT_EQ(node.plugin, "?");
}

TEST(Fleet, ANodeWithAnothersNameIsAProblem) {
  const JudgedNode node = judged(answer_of("node2"));
  EXPECT_EQ(node.verdict, NodeVerdict::problem);
  EXPECT_THAT(reasons(node), ElementsAre("it says that it is 'node2'"));
}

TEST(Fleet, AClockIsOffByWhatTheExchangeDoesNotExplain) {
  EXPECT_EQ(judged(answer_of("node1", "", kNow + 5)).clock, 4);
  EXPECT_EQ(judged(answer_of("node1", "", kNow + 5)).verdict, NodeVerdict::ok);
  EXPECT_EQ(judged(answer_of("node1", "", kNow - 61)).clock, -60);
  EXPECT_EQ(judged(answer_of("node1", "", kNow - 61)).verdict, NodeVerdict::warning);
  EXPECT_EQ(judged(answer_of("node1", "", kNow + 302)).verdict, NodeVerdict::problem);
  EXPECT_EQ(judged(answer_of("node1", "", INT64_MIN)).verdict, NodeVerdict::problem);
  EXPECT_EQ(judge_node({"node1", "", answer_of("node1"), 0, 0}).clock, std::nullopt);
}

TEST(Fleet, ATableFitsIntoEightyColumns) {
  JudgedNode node = judged(answer_of("node1", finding("warning", "keys", "x"), kNow - 90));
  node.name = "node100000";
  node.answer.version = "10.10.1";
  node.answer.slurm = "24.11.55";
  node.answer.serial = kNow;
  node.answer.cache = NodeCache{3, 100, 100};
  node.answer.has_lists = true;
  node.answer.lists = 2;
  node.answer.oldest = kNow - 100'000;
  const std::string table = format_table(fleet_header(), {fleet_row(node, kNow)}, std::nullopt);
  for (std::size_t at = 0; at < table.size(); at = table.find('\n', at) + 1) {
    EXPECT_LE(table.find('\n', at) - at, 80U) << table;
  }
  EXPECT_THAT(table, HasSubstr("27h"));
  EXPECT_THAT(table, HasSubstr("100%"));
  EXPECT_THAT(table, HasSubstr("-89s"));
}

TEST(Fleet, WhatSeveralNodesHaveIsToldOnce) {
  const std::string same = finding("warning", "keys", "unused");
  std::vector<JudgedNode> nodes;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "n" + std::to_string(i);
    nodes.push_back(judge_node({name, "", answer_of(name, same + ", " + same), kNow, kNow}));
  }
  nodes.push_back(judge_node({"down", "its state is down", std::nullopt, 0, 0}));
  const auto found = shared_findings(nodes);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].verdict, NodeVerdict::no_answer);
  EXPECT_EQ(shown_nodes(found[0].nodes), "down");
  EXPECT_EQ(found[1].nodes.size(), 12U);
  EXPECT_EQ(shown_nodes(found[1].nodes), "n0, n1, n2, n3, n4, n5, n6, n7 and 4 more");
  EXPECT_EQ(worst_of(nodes), NodeVerdict::no_answer);
  EXPECT_EQ(worst_of({}), NodeVerdict::ok);
}

TEST(Fleet, HostileTextIsEscapedInTables) {
  const JudgedNode node = judged("\x1b]0;owned\a\n" + answer_of("no\\u001bde"));
  const auto found = shared_findings({node});
  std::vector<TableRow> rows;
  for (const SharedFinding& one : found) rows.push_back({one.check, one.what});
  const std::string table = format_table({"CHECK", "WHAT"}, rows, std::nullopt);
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_EQ(table.find('\a'), std::string::npos);
  EXPECT_THAT(table, HasSubstr("owned"));
}

TEST(Fleet, JsonHasNullForWhatIsNotKnown) {
  const auto json = to_json(judge_node({"n", "down", std::nullopt, 0, 0}), kNow);
  for (const char* const name : {"version", "slurm", "serial", "lists", "cache", "clock_s"}) {
    EXPECT_TRUE(json.at(name).is_null()) << name;
  }
  EXPECT_EQ(json.at("verdict"), "no answer");
}

}  // namespace
}  // namespace sifguard
