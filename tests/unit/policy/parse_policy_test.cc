// images.yaml into bindings: every field, and every way to get one wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kA = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
constexpr const char* kB = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

/// A file with one binding: the needed fields and `more` lines, one of which may replace them.
std::string with(const std::string& more, const std::string& without = "") {
  std::string text = "version: 1\nimages:\n  - name: lolcow\n";
  const std::pair<const char*, const char*> needed[] = {
      {"match", "[\"/a/*.sif\"]"},
      {"signing_key", "{fingerprint: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}"},
      {"allow", "{users: [alice]}"}};
  for (const auto& [field, value] : needed) {
    if (field != without) text += std::string("    ") + field + ": " + value + "\n";
  }
  return text + (more.empty() ? "" : "    " + more + "\n");
}

Binding only(const std::string& text) {
  const auto policy = parse_policy(text);
  EXPECT_TRUE(policy) << text << (policy ? "" : policy.error().line());
  return policy && policy->bindings.size() == 1 ? policy->bindings[0] : Binding{};
}

std::string refusal(const std::string& text) {
  const auto policy = parse_policy(text);
  if (policy) return "";
  EXPECT_EQ(policy.error().code(), Code::config) << text;
  return policy.error().line();
}

TEST(ParsePolicyTest, ReadsEveryFieldOfTheDesignsExample) {
  const Binding b = only(R"(# ours
version: 1
default: reject
images:
  - name: lolcow
    match: ["/apps/secure/lolcow*.sif", "oras://registry.example.org/repo/lolcow:0.0.1"]
    digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    signing_key: {fingerprint: 000123000123000123000123000123000123ABCD}
    signed_after: 2026-01-01
    encryption: {certificate: {sha1_thumbprint: d1cb1fc03d027e843e54a4db3dc7d4b10c120982}}
    allow: {groups: [bio], partitions: [secure], users: [a], accounts: [x], qos: [q],
            reservations: [r], nodes: [n1, n2]}
    deny: {users: [mallory]}
    not_before: 2025-01-01
    not_after: 2027-12-31
    mode: warn
    runtime: {allow: [bind, nv, env], binds: ["/scratch", "/a:/b:ro"], contain: true}
)");
  EXPECT_EQ(b.name, "lolcow");
  EXPECT_EQ(b.line, 5);
  EXPECT_THAT(b.match, ElementsAre("/apps/secure/lolcow*.sif",
                                   "oras://registry.example.org/repo/lolcow:0.0.1"));
  EXPECT_EQ(*b.digest, "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  EXPECT_THAT(b.signers.any_of, ElementsAre("000123000123000123000123000123000123ABCD"));
  EXPECT_TRUE(b.signers.all_of.empty());
  EXPECT_EQ(b.signers.signed_after, 1767225600);
  EXPECT_EQ(b.key, "d1cb1fc03d027e843e54a4db3dc7d4b10c120982");
  EXPECT_THAT(*b.allow.groups, ElementsAre("bio"));
  EXPECT_THAT(*b.allow.partitions, ElementsAre("secure"));
  EXPECT_THAT(*b.allow.users, ElementsAre("a"));
  EXPECT_THAT(*b.allow.accounts, ElementsAre("x"));
  EXPECT_THAT(*b.allow.qos, ElementsAre("q"));
  EXPECT_THAT(*b.allow.reservations, ElementsAre("r"));
  EXPECT_THAT(*b.allow.nodes, ElementsAre("n1", "n2"));
  EXPECT_THAT(*b.deny->users, ElementsAre("mallory"));
  EXPECT_FALSE(b.deny->groups);
  EXPECT_EQ(b.not_before, 1735689600);
  EXPECT_EQ(b.not_after, 1830297599);
  EXPECT_EQ(b.mode, Mode::warn);
  EXPECT_THAT(*b.runtime.allow, ElementsAre("bind", "nv", "env"));
  EXPECT_THAT(b.runtime.binds, ElementsAre("/scratch", "/a:/b:ro"));
  EXPECT_TRUE(b.runtime.contain);
}

TEST(ParsePolicyTest, WhatIsLeftOutIsUnconstrained) {
  const Binding b = only(with(""));
  EXPECT_FALSE(b.digest || b.key || b.deny || b.not_after || b.signers.signed_after);
  EXPECT_FALSE(b.allow.groups || b.runtime.allow || b.runtime.contain);
  EXPECT_EQ(b.mode, Mode::enforce);
  EXPECT_EQ(b.line, 3);
}

TEST(ParsePolicyTest, NormalizesFingerprintsAndThumbprints) {
  EXPECT_THAT(only(with("signing_key: {any_of: [\"aaaa aaaa aaaa aaaa aaaa  aaaa aaaa aaaa aaaa "
                        "aaaa\", " +
                            std::string(kB) + "]}",
                        "signing_key"))
                  .signers.any_of,
              ElementsAre(kA, kB));
  const Binding both = only(with(
      "signing_key: {any_of: [" + std::string(kA) + "], all_of: [" + kB + "]}", "signing_key"));
  EXPECT_THAT(both.signers.any_of, ElementsAre(kA));
  EXPECT_THAT(both.signers.all_of, ElementsAre(kB));
  EXPECT_EQ(only(with("encryption: {certificate: {sha1_thumbprint: \"D1:CB:1F:C0:3D:02:7E:84:3E:54:"
                      "A4:DB:3D:C7:D4:B1:0C:12:09:82\"}}"))
                .key,
            "d1cb1fc03d027e843e54a4db3dc7d4b10c120982");
  EXPECT_EQ(only(with("encryption: {key: lol-cow.2}")).key, "lol-cow.2");
}

TEST(ParsePolicyTest, KeepsTheZerosOfWhatLooksLikeANumber) {
  const Binding b = only(
      with("signing_key: {fingerprint: 0001230001230001230001230001230001230001}", "signing_key"));
  EXPECT_THAT(b.signers.any_of, ElementsAre("0001230001230001230001230001230001230001"));
  EXPECT_THAT(*only(with("allow: {users: [007, no, 1e3]}", "allow")).allow.users,
              ElementsAre("007", "no", "1e3"));
}

TEST(ParsePolicyTest, EveryoneIsAnExplicitStar) {
  EXPECT_THAT(*only(with("allow: {users: [\"*\"]}", "allow")).allow.users, ElementsAre(kAnyUser));
}

TEST(ParsePolicyTest, NoneLeavesUsersNoOption) {
  const Binding b = only(with("runtime: {allow: [none]}"));
  ASSERT_TRUE(b.runtime.allow);
  EXPECT_TRUE(b.runtime.allow->empty());
}

TEST(ParsePolicyTest, TheExampleFileIsValid) {
  std::ifstream file(SIFGUARD_SOURCE_DIR "/slurm_examples/images.yaml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto policy = parse_policy(text);
  ASSERT_TRUE(policy) << policy.error().line();
  ASSERT_EQ(policy->bindings.size(), 2U);
  EXPECT_EQ(policy->bindings[0].name, "lolcow");
  EXPECT_EQ(policy->bindings[1].mode, Mode::warn);
}

TEST(ParsePolicyTest, AFileMayBindNothing) {
  const auto policy = parse_policy(kEmptyImages);
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->bindings.empty());
}

struct Wrong {
  const char* line;     ///< replaces or joins the needed fields
  const char* message;  ///< all of it that matters, from the file's name on
  const char* without = "";
};

class ParsePolicyRefusals : public ::testing::TestWithParam<Wrong> {};

TEST_P(ParsePolicyRefusals, SaysWhatAndWhere) {
  const auto& [line, message, without] = GetParam();
  EXPECT_THAT(refusal(with(line, without)), HasSubstr(message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, ParsePolicyRefusals,
    ::testing::Values(
        Wrong{"alow: {users: [x]}",
              "images.yaml:7: binding 'lolcow': unknown field 'alow'; did you mean 'allow'?"},
        Wrong{"Allow: {users: [x]}", "did you mean 'allow'?"},
        Wrong{"colour: red", "unknown field 'colour'; the fields here are: name, match, digest"},
        Wrong{"allow: {user: [x]}", "allow: unknown field 'user'; did you mean 'users'?", "allow"},
        Wrong{"name: again", "images.yaml:7: the field 'name' is repeated"},
        Wrong{"", "images.yaml:3: binding 'lolcow': the field 'match' is missing", "match"},
        Wrong{"", "images.yaml:3: binding 'lolcow': the field 'signing_key' is missing",
              "signing_key"},
        Wrong{"", "images.yaml:3: binding 'lolcow': the field 'allow' is missing", "allow"},
        Wrong{"match: []", "images.yaml:6: binding 'lolcow': match: an empty list", "match"},
        Wrong{"match: /a/b", "match: must be a list", "match"},
        Wrong{"match:", "match: must be a list", "match"},
        Wrong{"match: [\"\"]", "match: must not be empty", "match"},
        Wrong{"match: [~]", "match: has no value", "match"},
        Wrong{"match: [[/a]]", "match: must be a single value", "match"},
        Wrong{"match: [/a, /a]", "match: '/a' is repeated", "match"},
        Wrong{"match: [a.sif]", "match: the pattern 'a.sif' is not an absolute path", "match"},
        Wrong{"match: [/a/../b]", "has a component '.' or '..'", "match"},
        Wrong{"match: [\"docker://a\"]", "unknown scheme", "match"},
        Wrong{"digest: 0123", "images.yaml:7: binding 'lolcow': digest: not a digest"},
        Wrong{"digest: \"\"", "digest: must not be empty"},
        Wrong{"digest: sha512:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
              "not a digest"},
        Wrong{"digest: sha512:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
              "not a digest"},
        Wrong{"digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
              "not a digest"},
        Wrong{"digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
              "not a digest"}));

INSTANTIATE_TEST_SUITE_P(
    Signers, ParsePolicyRefusals,
    ::testing::Values(
        Wrong{"signing_key: {}", "signing_key: names no signer", "signing_key"},
        Wrong{"signing_key: ABCD", "signing_key: must be a mapping", "signing_key"},
        Wrong{"signing_key:", "signing_key: must be a mapping", "signing_key"},
        Wrong{"signing_key: {fingerprint: 1234ABCD}",
              "images.yaml:6: binding 'lolcow': signing_key: fingerprint: not a full OpenPGP "
              "fingerprint: '1234ABCD'",
              "signing_key"},
        Wrong{"signing_key: {fingerprint: 1234567890ABCDEF}", "not a full OpenPGP", "signing_key"},
        Wrong{"signing_key: {fingerprint: ~}", "fingerprint: has no value", "signing_key"},
        Wrong{"signing_key: {any_of: []}", "any_of: an empty list", "signing_key"},
        Wrong{"signing_key: {any_of: [1234ABCD]}", "not a full OpenPGP", "signing_key"},
        Wrong{"signing_key: {all_of: []}", "all_of: an empty list", "signing_key"},
        Wrong{"signing_key: {any_of: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, "
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}",
              "is repeated", "signing_key"},
        Wrong{"signing_key: {fingerprint: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, any_of: "
              "[BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB]}",
              "cannot stand beside", "signing_key"},
        Wrong{"signed_after: yesterday",
              "images.yaml:7: binding 'lolcow': signed_after: not a date: 'yesterday'"},
        Wrong{"signed_after: 2026-02-30", "signed_after: not a date"},
        Wrong{"not_after: 2026", "not_after: not a date"}, Wrong{"preloaded: maybe", "preloaded: "},
        Wrong{"release: fuse", "release: is 'fuse'"},
        Wrong{"release: Mount", "release: is 'Mount'"},
        Wrong{"release: [mount]", "release: must be a single value"},
        Wrong{"not_before: 2026-02-30", "not_before: not a date"},
        Wrong{"not_before: 2028-01-01\n    not_after: 2027-12-31",
              "not_after: is before not_before"},
        Wrong{"not_after: [2026-01-01]", "not_after: must be a single value"},
        Wrong{"encryption: {}", "encryption: must name one key"},
        Wrong{"encryption: lolcow", "encryption: must be a mapping"},
        Wrong{"encryption: {key: a, certificate: {sha1_thumbprint: x}}", "must name one key"},
        Wrong{"encryption: {key: ../x}", "encryption: key: not a name"},
        Wrong{"encryption: {key: [a]}", "key: must be a single value"},
        Wrong{"encryption: {certificate: {}}", "'sha1_thumbprint' is missing"},
        Wrong{"encryption: {certificate: {sha1_thumbprint: d1cb}}", "not a SHA-1 thumbprint"},
        Wrong{"encryption: {certificate: {sha1: d1cb}}", "unknown field 'sha1'"},
        Wrong{"encryption: {pem: x}", "unknown field 'pem'"}));

INSTANTIATE_TEST_SUITE_P(
    Audience, ParsePolicyRefusals,
    ::testing::Values(
        Wrong{"allow: {}", "images.yaml:6: binding 'lolcow': allow: names nobody", "allow"},
        Wrong{"allow: ~", "allow: must be a mapping", "allow"},
        Wrong{"allow: everyone", "allow: must be a mapping", "allow"},
        Wrong{"allow: {users: []}", "allow: users: an empty list", "allow"},
        Wrong{"allow: {users: alice}", "users: must be a list", "allow"},
        Wrong{"allow: {users: [alice, ~]}", "users: has no value", "allow"},
        Wrong{"allow: {users: [\"*\", alice]}", "'*' must stand alone", "allow"},
        Wrong{"allow: {users: [\"al*\"]}", "patterns are not possible here", "allow"},
        Wrong{"allow: {groups: [\"*\"]}", "patterns are not possible here", "allow"},
        Wrong{"allow: {nodes: [\"n[1-4]\"]}", "patterns are not possible here", "allow"},
        Wrong{"allow: {nodes: [\"n1,n2\"]}", "patterns are not possible here", "allow"},
        Wrong{"allow: {users: [\" alice\"]}", "starts or ends with a blank", "allow"},
        Wrong{"allow: {groups: [\"\\xA0bio\"]}", "starts or ends with a blank", "allow"},
        Wrong{"allow: {users: [\"alice\\u200B\"]}", "starts or ends with a blank", "allow"},
        Wrong{"allow: {accounts: [\"a b\"]}", "Slurm's names have no blanks in them", "allow"},
        Wrong{"allow: {qos: [\"a b\"]}", "can never be such a name", "allow"},
        Wrong{"allow: {reservations: [\"a b\"]}", "can never be such a name", "allow"},
        Wrong{"allow: {nodes: [\"n1 n2\"]}", "can never be such a name", "allow"},
        Wrong{"allow: {partitions: [\"main*\"]}",
              "allow: partitions: not a partition's name: 'main*'; patterns are not understood "
              "here, and the '*' that sinfo",
              "allow"},
        Wrong{"allow: {partitions: [\"a,b\"]}", "write [one, other]", "allow"},
        Wrong{"allow: {partitions: [\" main\"]}", "nothing around it", "allow"},
        Wrong{"allow: {partitions: [\"a b\"]}", "not a partition's name: 'a b'", "allow"},
        Wrong{"deny: {partitions: [\"*\"]}", "not a partition's name: '*'"},
        Wrong{"deny: {}", "deny: names nobody"}, Wrong{"deny:", "deny: must be a mapping"},
        Wrong{"deny: {users: []}", "deny: users: an empty list"},
        Wrong{"deny: {users: [mal?]}", "patterns are not possible here"},
        Wrong{"mode: off", "mode: must be enforce or warn"}, Wrong{"mode:", "mode: has no value"},
        Wrong{"runtime: {allow: []}", "runtime: allow: an empty list"},
        Wrong{"runtime: {allow: [all]}", "runtime: allow: unknown: 'all'"},
        Wrong{"runtime: {allow: [none, nv]}", "runtime: allow: unknown: 'none'"},
        Wrong{"runtime: {contain: yes}", "contain: must be true or false"},
        Wrong{"runtime: {contain: \"true\"}", "contain: must be true or false"},
        Wrong{"runtime: {contain: 1}", "contain: must be true or false"},
        Wrong{"runtime: {binds: [scratch]}", "is not an absolute, normal path"},
        Wrong{"runtime: {binds: [/a/../b]}", "is not an absolute, normal path"},
        Wrong{"runtime: {binds: [\"/a:b\"]}", "is not an absolute, normal path"},
        Wrong{"runtime: {binds: [\"/a:/b:rw\"]}", "not a bind"},
        Wrong{"runtime: {binds: [\"/a:/b:ro:x\"]}", "not a bind"},
        Wrong{"runtime: {binds: [\"/a,/b\"]}", "not a bind"},
        Wrong{"runtime: {bind: [/a]}", "did you mean 'binds'?"}));

TEST(ParsePolicyTest, RefusesWrongDocuments) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "images.yaml:1: the field 'version' is missing"},
      {"images: []\n", "the field 'version' is missing"},
      {"version: 1\n", "the field 'images' is missing"},
      {"version: 2\nimages: []\n", "images.yaml:1: version: 2 is out of range"},
      {"version: \"1\"\nimages: []\n", "version: must be a whole number"},
      {"version: 01\nimages: []\n", "version: must be a whole number"},
      {"version: 1.0\nimages: []\n", "version: must be a whole number"},
      {"version: 1\nimages:\n", "images.yaml:2: images: must be a list"},
      {"version: 1\nimages: {}\n", "images: must be a list"},
      {"version: 1\nimages: [x]\n", "images: must be a mapping"},
      {"version: 1\ndefault: allow\nimages: []\n", "images.yaml:2: default: must be reject"},
      {"version: 1\ndefault:\nimages: []\n", "default: has no value"},
      {"version: 1\ndefaults: reject\nimages: []\n", "did you mean 'default'?"},
      {"- a\n", "must be a mapping"},
      {"text\n", "must be a mapping"}};
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(refusal(text), HasSubstr(message)) << text;
  }
}

TEST(ParsePolicyTest, RefusesWrongAndRepeatedNames) {
  for (const char* name : {"\"\"", "a b", "-a", ".a", "a/b", "\"a\\u00e9\"",
                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    std::string text = with("");
    text.replace(text.find("lolcow"), 6, name);
    EXPECT_THAT(refusal(text), HasSubstr("images.yaml:3: ")) << name;
  }
  const std::string one = with("");
  const std::string again = one + one.substr(one.find("  - name"));
  EXPECT_THAT(refusal(again),
              HasSubstr("images.yaml:7: images: the binding 'lolcow' is already on line 3"));
}

TEST(ParsePolicyTest, RefusesSixteenMebibytesAndOneByte) {
  std::string text(kEmptyImages);
  text.append(kMaxImagesSize - text.size(), '#');
  EXPECT_EQ(refusal(text), "");
  EXPECT_THAT(refusal(text + "#"), HasSubstr("larger than"));
}

}  // namespace
}  // namespace sifguard
