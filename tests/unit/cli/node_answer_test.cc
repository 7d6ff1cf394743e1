// What is made of a node's answer, and of what is none.
#include "keystore/cli/node_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sifguard {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHeader =
    "{\"schema\": \"sifguard.node-status/1\", \"node\": \"node1\", \"time\": 1796083290, "
    "\"slurm\": \"24.11.5\"}\n";
const std::string kDoctor = R"({
  "schema": "sifguard.examination/1",
  "version": "0.1.0",
  "findings": [
    {"severity": "problem", "check": "plugstack", "where": null, "what": "no line", "remedy": "add it"},
    {"severity": "warning", "check": "keys", "where": null, "what": "unused", "remedy": null}
  ]
}
)";
const std::string kNode = "{\n  \"schema\": \"sifguard.node/1\",\n  \"imported_serial\": 17\n}\n";
const std::string kTrust = R"({
  "schema": "sifguard.trust-list/1",
  "items": [
    {"kind": "root", "from": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z"},
    {"kind": "crl", "from": "2026-11-02T00:00:00Z", "until": "2026-12-09T00:00:00Z"},
    {"kind": "crl", "from": null, "until": null},
    {"kind": "response", "from": "2026-11-01T00:00:00Z", "until": "2026-12-10T00:00:00Z"}
  ]
}
)";
const std::string kCache =
    "{\n  \"schema\": \"sifguard.cache/1\",\n  \"entries\": 2,\n  \"bytes\": 10,\n  \"max_bytes\": "
    "40\n}\n";
const std::string kEnd = "end\n";
const std::string kWhole = kHeader + kDoctor + kNode + kTrust + kCache + kEnd;

TEST(NodeAnswer, SaysWhatTheNodeSaid) {
  const NodeAnswer answer = read_node_answer(kWhole);
  EXPECT_THAT(answer.trouble, IsEmpty());
  EXPECT_TRUE(answer.whole);
  EXPECT_EQ(answer.node, "node1");
  EXPECT_EQ(answer.time, 1796083290);
  EXPECT_EQ(answer.slurm, "24.11.5");
  EXPECT_EQ(answer.version, "0.1.0");
  ASSERT_EQ(answer.findings.size(), 2U);
  EXPECT_TRUE(answer.findings[0].problem);
  EXPECT_EQ(answer.findings[0].what, "no line");
  EXPECT_FALSE(answer.findings[1].problem);
  EXPECT_EQ(answer.serial, 17);
  EXPECT_EQ(answer.lists, 3U);
  EXPECT_EQ(answer.oldest, 1793491200);     // 2026-11-01
  EXPECT_EQ(answer.first_end, 1796774400);  // 2026-12-09
  ASSERT_TRUE(answer.cache);
  EXPECT_EQ(answer.cache->max_bytes, 40U);
}

TEST(NodeAnswer, ThatIsCutSaysSoWhereverItIsCut) {
  for (std::size_t size = 0; size < kWhole.size() - 1; ++size) {
    const NodeAnswer answer = read_node_answer(kWhole.substr(0, size));
    EXPECT_THAT(answer.trouble, Contains("the answer has no end")) << size;
  }
}

TEST(NodeAnswer, OfWhichPartsAreMissingHasTheOthers) {
  const NodeAnswer answer = read_node_answer(kHeader + kCache + kEnd);
  EXPECT_FALSE(answer.examined);
  EXPECT_FALSE(answer.has_lists);
  EXPECT_EQ(answer.serial, std::nullopt);
  EXPECT_TRUE(answer.cache);
}

TEST(NodeAnswer, WithOtherLinesTellsThem) {
  const NodeAnswer answer =
      read_node_answer("Welcome\x1b[31m\n" + kHeader + "bash: warning\n" + kDoctor + kEnd);
  EXPECT_THAT(answer.trouble,
              ElementsAre(HasSubstr("lines of other programs: 2; the first: Welcome")));
  EXPECT_EQ(answer.version, "0.1.0");
}

TEST(NodeAnswer, TellsObjectsThatAreNotUnderstood) {
  for (const std::string bad :
       {"{\n  \"schema\": \n}\n", "{\n  \"a\": 1,\n  \"a\": 1\n}\n", "{]\n", "{\n}\n",
        "{\n  \"schema\": \"sifguard.key-list/1\"\n}\n", "{\n  \"schema\": 1\n}\n"}) {
    const NodeAnswer answer = read_node_answer(kHeader + bad + kDoctor + kEnd);
    EXPECT_THAT(answer.trouble, ElementsAre(AnyOf(HasSubstr("an object is not understood"),
                                                  HasSubstr("no kind that is known"))))
        << bad;
    EXPECT_TRUE(answer.examined) << bad;
  }
}

TEST(NodeAnswer, TellsTheErrorsOfSifctl) {
  const NodeAnswer answer = read_node_answer(
      kHeader + "{\n  \"schema\": \"sifguard.error/1\",\n  \"message\": \"no keystore\"\n}\n" +
      kEnd);
  EXPECT_THAT(answer.trouble, ElementsAre("sifctl there: no keystore"));
}

TEST(NodeAnswer, CountsTheFirstOfTwo) {
  const NodeAnswer answer = read_node_answer(kHeader + kNode + kNode + kEnd);
  EXPECT_EQ(answer.serial, 17);
  EXPECT_THAT(answer.trouble, ElementsAre(HasSubstr("twice")));
}

TEST(NodeAnswer, TakesNothingOfTheWrongType) {
  const NodeAnswer answer = read_node_answer(
      "{\"schema\": \"sifguard.node-status/1\", \"node\": 1, \"time\": \"now\"}\n"
      "{\n  \"schema\": \"sifguard.node/1\",\n  \"imported_serial\": 18446744073709551615\n}\n"
      "{\n  \"schema\": \"sifguard.examination/1\",\n  \"findings\": [1, null, {\"what\": []}]\n}\n"
      "{\n  \"schema\": \"sifguard.trust-list/1\",\n  \"items\": {}\n}\n"
      "{\n  \"schema\": \"sifguard.cache/1\",\n  \"bytes\": -5\n}\n" +
      kEnd);
  EXPECT_THAT(answer.trouble, ElementsAre("the node does not say its name"));
  EXPECT_EQ(answer.time, std::nullopt);
  EXPECT_EQ(answer.serial, std::nullopt);
  EXPECT_EQ(answer.findings.size(), 1U);
  EXPECT_EQ(answer.cache->bytes, 0U);
}

TEST(NodeAnswer, IsBounded) {
  const std::string lines(2 * kMaxNodeAnswer, '\n');
  EXPECT_FALSE(read_node_answer(kHeader + lines + kEnd).whole);
  std::string many = kHeader;
  for (int i = 0; i < 1000; ++i) many += "{]\n";
  EXPECT_LT(read_node_answer(many + kEnd).trouble.size(), 30U);
  const std::string name(100'000, 'x');
  EXPECT_LE(
      read_node_answer("{\"schema\": \"sifguard.node-status/1\", \"node\": \"" + name + "\"}\n")
          .node.size(),
      1000U);
}

TEST(NodeAnswer, WithAnyBitFlippedIsRead) {
  for (std::size_t at = 0; at < kWhole.size(); ++at) {
    std::string text = kWhole;
    text[at] = static_cast<char>(text[at] ^ (1 << at % 8));
    (void)read_node_answer(text);
  }
}

}  // namespace
}  // namespace sifguard
