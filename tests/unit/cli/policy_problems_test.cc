#include "keystore/cli/policy_problems.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

class PolicyProblems : public testing::Test {
 protected:
  PolicyProblems() {
    SignerRecord signer;
    signer.id = signer_;
    signer.names = {signer_};
    rules_.signers = {signer};
    KeyRecord key;
    key.id = std::string(64, 'a');
    key.name = "cow";
    key.has_private = true;
    key.rule.signers = {signer_};
    key.rule.users = {"alice"};
    rules_.keys = {key};
  }
  std::string problems(const std::string& more, const std::string& allow = "users: [alice]") {
    const std::string text =
        "version: 1\nimages:\n  - {name: a, match: [/a], allow: {" + allow + "}, " + more + "}\n";
    auto parsed = parse_policy(text);
    EXPECT_TRUE(parsed) << parsed.error().line();
    rules_.policy = *parsed;
    std::string all;
    for (const PolicyProblem& problem : find_problems(rules_, 1000)) {
      EXPECT_EQ(problem.binding, "a");
      EXPECT_EQ(problem.line, 3);
      all += problem.what + "\n";
    }
    return all;
  }
  [[nodiscard]] std::string signed_by(const std::string& who) const {
    return "signing_key: {fingerprint: " + who + "}";
  }
  [[nodiscard]] std::string bound() const {
    return signed_by(signer_) + ", encryption: {key: cow}";
  }

  const std::string signer_ = std::string(40, 'A');
  const std::string other_ = std::string(40, 'B');
  Rules rules_;
};

TEST_F(PolicyProblems, NoneOfASoundBinding) {
  EXPECT_EQ(problems(signed_by(signer_)), "");
  EXPECT_EQ(problems(bound()), "");
}

TEST_F(PolicyProblems, MissingSignersAndKeys) {
  EXPECT_EQ(problems(signed_by(other_)), "the signer " + other_ + " is not in the keystore\n");
  EXPECT_EQ(problems("signing_key: {all_of: [" + signer_ + ", " + other_ + "]}"),
            "the signer " + other_ + " is not in the keystore\n");
  EXPECT_EQ(problems(signed_by(signer_) + ", encryption: {key: dog}"),
            "no key 'dog' in the keystore\n");
}

TEST_F(PolicyProblems, KeysThatReleaseNothing) {
  rules_.keys[0].state = KeyState::revoked;
  EXPECT_EQ(problems(bound()), "the key 'cow' is revoked\n");
  rules_.keys[0].state = KeyState::retired;
  EXPECT_EQ(problems(bound()), "");
  rules_.keys[0].rule = {};
  EXPECT_EQ(problems(bound()),
            "the key 'cow' has no rule and releases nothing: sifctl key rule set\n");
}

TEST_F(PolicyProblems, ASuccessorTakesOver) {
  KeyRecord next = rules_.keys[0];
  next.id = std::string(64, 'b');
  next.name = "cow-2";
  next.predecessor = rules_.keys[0].id;
  rules_.keys[0].state = KeyState::revoked;
  rules_.keys.push_back(next);
  EXPECT_EQ(problems(bound()), "");
}

TEST_F(PolicyProblems, TheKeysOwnRule) {
  EXPECT_NE(problems(bound(), "users: [alice, bob]")
                .find("the key 'cow''s own rule refuses: not "
                      "bound to user bob"),
            std::string::npos);
  EXPECT_NE(problems(bound(), "partitions: [p]").find("own rule refuses"), std::string::npos);
  rules_.keys[0].rule.signers = {other_};
  EXPECT_NE(problems(bound()).find("other signers"), std::string::npos);
}

TEST_F(PolicyProblems, WhatHasEnded) {
  EXPECT_EQ(problems(signed_by(signer_) + ", not_after: 1970-01-01T00:16:39Z"),
            "it ended on 1970-01-01T00:16:39Z\n");
  EXPECT_EQ(problems(signed_by(signer_) + ", not_after: 1970-01-01T00:16:40Z"), "");
}

}  // namespace
}  // namespace sifguard
