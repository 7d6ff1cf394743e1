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
  /// Of several bindings, "NAME: problem" each; every one is what stands in the braces.
  std::string problems_of(const std::vector<std::string>& bindings) {
    std::string text = "version: 1\nimages:\n";
    for (const std::string& one : bindings) text += "  - {" + one + "}\n";
    auto parsed = parse_policy(text);
    EXPECT_TRUE(parsed) << parsed.error().line();
    rules_.policy = *parsed;
    std::string all;
    for (const PolicyProblem& problem : find_problems(rules_, 1000)) {
      all += problem.binding + ": " + problem.what + "\n";
    }
    return all;
  }
  /// cow-2, which replaces cow and has its rule.
  void rotate() {
    KeyRecord next = rules_.keys[0];
    next.id = std::string(64, 'b');
    next.name = "cow-2";
    next.predecessor = rules_.keys[0].id;
    rules_.keys.push_back(next);
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

TEST_F(PolicyProblems, ARuleOfAllSigners) {
  SignerRecord other;
  other.id = other_;
  other.names = {other_};
  rules_.signers.push_back(other);
  const std::string pair = "[" + signer_ + ", " + other_ + "]}";
  const std::string rest = ", encryption: {key: cow}, allow: {users: [alice]}";
  const std::string all = "signing_key: {all_of: " + pair + rest;
  const std::string any = "signing_key: {any_of: " + pair + rest;
  rules_.keys[0].rule.signers.clear();
  rules_.keys[0].rule.all_of = {signer_, other_};
  rotate();
  EXPECT_EQ(problems_of({"name: a, match: [/a], " + all, "name: b, match: [/b], " + all}), "");
  const std::string one =
      problems_of({"name: a, match: [/a], " + all, "name: b, match: [/b], " + any});
  EXPECT_EQ(one.find("b: the key 'cow''s own rule refuses: already bound to other signers"), 0U);
  EXPECT_EQ(one.find('\n'), one.size() - 1) << one;
  // What an older one wrote takes any: the binding of all is told how to mend it.
  rules_.keys[0].rule.signers = {signer_, other_};
  rules_.keys[0].rule.all_of.clear();
  EXPECT_NE(problems_of({"name: a, match: [/a], " + all}).find("key rule set KEY --all-signers"),
            std::string::npos);
}

TEST_F(PolicyProblems, ABindingThatLimitsLessThanTheOthersOfItsKey) {
  const std::string some = signed_by(signer_) + ", allow: {users: [alice]";
  const std::string first =
      "name: a, match: [/a], encryption: {key: cow}, " + some + ", partitions: [p]}";
  const std::string second = "name: b, match: [/b], " + some + "}, encryption: {key: ";
  EXPECT_EQ(problems_of({first, second + "cow}"}),
            "b: the key 'cow': its binding 'a' allows partitions p alone, and this would allow "
            "any\n");
  EXPECT_EQ(problems_of({second + "cow}", first}), "");
  EXPECT_NE(problems_of({first, second + std::string(64, 'a') + "}"}), "");
  rotate();
  EXPECT_EQ(problems_of({first, second + "cow-2}"}),
            "b: the key 'cow-2': its binding 'a' allows partitions p alone, and this would allow "
            "any\n");
  rules_.keys[1].predecessor.clear();
  EXPECT_EQ(problems_of({first, second + "cow-2}"}), "");
  rules_.keys[1].predecessor = rules_.keys[1].id;  // a circle ends
  EXPECT_EQ(problems_of({first, second + "cow-2}"}), "");
}

TEST_F(PolicyProblems, BindingsThatContradictEachOther) {
  rotate();
  rules_.keys[1].predecessor.clear();
  rules_.keys[0].thumbprint = std::string(40, 'c');
  const std::string some = signed_by(signer_) + ", allow: {users: [alice]}, encryption: {key: ";
  const std::string tree = "name: a, match: [/apps/**], " + some + "cow}";
  const std::string one = "name: b, match: [/apps/pub/lol.sif], " + some;
  EXPECT_EQ(problems_of({tree, one + "cow-2}"}),
            "b: it names the key 'cow-2', and 'a' the key 'cow', both for /apps/pub/lol.sif, which "
            "is refused\n");
  EXPECT_EQ(problems_of({tree, one + rules_.keys[0].thumbprint + "}"}), "");
  EXPECT_EQ(problems_of({tree, "name: b, match: [/home/*], " + some + "cow-2}"}), "");
  const std::string digest = "}, digest: 'sha256:" + std::string(63, '0');
  EXPECT_EQ(problems_of({tree + ", digest: 'sha256:" + std::string(64, '1') + "'",
                         one + "cow" + digest + "0'"}),
            "b: it names another digest than 'a' for /apps/pub/lol.sif, which is refused\n");
}

TEST_F(PolicyProblems, WhatHasEnded) {
  EXPECT_EQ(problems(signed_by(signer_) + ", not_after: 1970-01-01T00:16:39Z"),
            "it ended on 1970-01-01T00:16:39Z\n");
  EXPECT_EQ(problems(signed_by(signer_) + ", not_after: 1970-01-01T00:16:40Z"), "");
}

}  // namespace
}  // namespace sifguard
