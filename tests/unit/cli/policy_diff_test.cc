#include "keystore/cli/policy_diff.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

const std::string kSigner = std::string(40, 'A');

std::string binding(const std::string& name, const std::string& more = "") {
  return "  - {name: " + name + ", match: [/" + name + "], signing_key: {fingerprint: " + kSigner +
         "}, allow: {users: [alice]}" + more + "}\n";
}

Policy policy(const std::string& bindings) {
  auto parsed = parse_policy("version: 1\nimages:\n" + bindings);
  EXPECT_TRUE(parsed) << parsed.error().line();
  return parsed ? *std::move(parsed) : Policy();
}

std::string diff(const std::string& before, const std::string& after) {
  return format_changes(diff_policies(policy(before), policy(after)));
}

TEST(PolicyDiff, TheSameIsNoChange) {
  EXPECT_EQ(diff(binding("a") + binding("b"), binding("a") + binding("b")), "");
  EXPECT_EQ(diff(binding("a"), "  # a comment\n" + binding("a")), "");
  EXPECT_EQ(diff(binding("a") + binding("b"), binding("b") + binding("a")), "");
}

TEST(PolicyDiff, AddedRemovedAndChanged) {
  EXPECT_EQ(diff(binding("a") + binding("b"), binding("b", ", mode: warn") + binding("c")),
            "removed 'a'\n"
            "    - match: [\"/a\"]\n"
            "    - signing_key: {fingerprint: \"" +
                kSigner +
                "\"}\n"
                "    - allow: {users: [\"alice\"]}\n"
                "changed 'b'\n"
                "    + mode: warn\n"
                "added 'c'\n"
                "    + match: [\"/c\"]\n"
                "    + signing_key: {fingerprint: \"" +
                kSigner +
                "\"}\n"
                "    + allow: {users: [\"alice\"]}\n");
}

TEST(PolicyDiff, OfAChangedFieldBothAreShown) {
  const auto changes = diff_policies(policy(binding("a", ", not_after: 2026-01-31")),
                                     policy(binding("a", ", not_after: 2027-01-31")));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, BindingChange::Kind::changed);
  EXPECT_EQ(changes[0].before, std::vector<std::string>{"not_after: 2026-01-31"});
  EXPECT_EQ(changes[0].after, std::vector<std::string>{"not_after: 2027-01-31"});
}

}  // namespace
}  // namespace sifguard
