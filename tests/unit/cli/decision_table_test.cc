#include "keystore/cli/decision_table.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

std::vector<ExpectedDecision> parse(const std::string& text) {
  auto parsed = parse_decision_table(text, "TABLE");
  EXPECT_TRUE(parsed) << parsed.error().line();
  return parsed ? *std::move(parsed) : std::vector<ExpectedDecision>();
}

void expect_refused(const std::string& text, const std::string& words) {
  const auto parsed = parse_decision_table(text, "TABLE");
  ASSERT_FALSE(parsed) << text;
  EXPECT_EQ(parsed.error().code(), Code::config);
  EXPECT_EQ(parsed.error().what().find("TABLE:"), 0U) << parsed.error().what();
  EXPECT_NE(parsed.error().what().find(words), std::string::npos) << parsed.error().what();
}

TEST(DecisionTable, YamlIsRead) {
  const auto tests = parse(R"(version: 1
tests:
  - {user: alice, groups: [bio, chem], partition: secure, image: /a.sif, expect: allow, binding: x}
  - user: bob
    image: "oras://h/x:1"
    groups: []
    account: a
    qos: q
    reservation: ""
    node: n1
    at: 2026-01-31T12:00:00Z
    expect: deny
)");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].line, 3);
  EXPECT_EQ(tests[0].user, "alice");
  EXPECT_EQ(tests[0].groups, (std::vector<std::string>{"bio", "chem"}));
  EXPECT_EQ(tests[0].partition, "secure");
  EXPECT_TRUE(tests[0].allow);
  EXPECT_EQ(tests[0].binding, "x");
  EXPECT_FALSE(tests[0].account);
  EXPECT_EQ(tests[1].groups, std::vector<std::string>());
  EXPECT_EQ(tests[1].account, "a");
  EXPECT_EQ(tests[1].reservation, "");
  EXPECT_EQ(tests[1].at, 1769860800);
  EXPECT_FALSE(tests[1].allow);
}

TEST(DecisionTable, RefusesWrongYaml) {
  expect_refused("", "'version' is missing");
  expect_refused("version: 1\ntests: []\n", "no test");
  expect_refused("version: 2\ntests: []\n", "version");
  expect_refused("version: 1\nmore: 1\ntests: []\n", "more");
  const auto with = [](const std::string& fields) {
    return "version: 1\ntests:\n  - {" + fields + "}\n";
  };
  expect_refused(with("user: a, image: /x"), "expect");
  expect_refused(with("user: a, expect: allow"), "image");
  expect_refused(with("image: /x, expect: allow"), "user");
  expect_refused(with("user: a, image: /x, expect: refuse"), "allow or deny");
  expect_refused(with("user: a, image: /x, expect: allow, uid: 1"), "uid");
  expect_refused(with("user: a, image: /x, expect: allow, groups: bio"), "groups");
  expect_refused(with("user: a, image: /x, expect: allow, at: now"), "not a date");
  expect_refused(with("user: '', image: /x, expect: allow"), "user");
}

TEST(DecisionTable, RefusesOtherForms) {
  for (const char* text : {"user,image,expect\na,/x,allow\n", "[]", "a", "{\"version\": 1}"}) {
    EXPECT_FALSE(parse_decision_table(text, "TABLE")) << text;
  }
}

}  // namespace
}  // namespace sifguard
