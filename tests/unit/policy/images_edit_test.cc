// Edits of images.yaml touch the lines of one binding and nothing else.
#include "keystore/policy/images_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using Values = std::vector<std::string>;

const std::string kA(40, 'A');
const std::string kB(40, 'B');

Binding binding(const std::string& name) {
  Binding b;
  b.name = name;
  b.match = {"/apps/" + name + "*.sif"};
  b.signers.any_of = {kA};
  b.allow.users = Values{"alice"};
  return b;
}

std::string lines_of(const std::string& name, const std::string& indent = "  ") {
  return indent + "- name: \"" + name + "\"\n" + indent + "  match: [\"/apps/" + name +
         "*.sif\"]\n" + indent + "  signing_key: {fingerprint: \"" + kA + "\"}\n" + indent +
         "  allow: {users: [\"alice\"]}\n";
}

std::string append(const std::string& text, const Binding& b) {
  const auto result = append_binding(text, b);
  EXPECT_TRUE(result) << (result ? "" : result.error().line());
  return result ? *result : "";
}

std::string remove(const std::string& text, const std::string& name) {
  const auto result = remove_binding(text, name);
  EXPECT_TRUE(result) << (result ? "" : result.error().line());
  return result ? *result : "";
}

const std::string kHead = "version: 1\ndefault: reject\nimages:\n";

TEST(ImagesEditTest, AnEmptyOrAbsentFileBecomesOne) {
  for (const char* text : {"", "\n", " \n"}) {
    EXPECT_EQ(append(text, binding("a")), kHead + lines_of("a"));
  }
  EXPECT_EQ(append(std::string(kEmptyImages), binding("a")), kHead + lines_of("a"));
}

TEST(ImagesEditTest, AppendingAndRemovingComesBackToTheStart) {
  const std::string one = append("", binding("a"));
  const std::string two = append(one, binding("b"));
  EXPECT_EQ(two, kHead + lines_of("a") + lines_of("b"));
  EXPECT_EQ(remove(two, "b"), one);
  EXPECT_EQ(remove(two, "a"), kHead + lines_of("b"));
  EXPECT_EQ(remove(one, "a"), kEmptyImages);
}

constexpr const char* kByHand = R"(# Site policy, see wiki
version: 1   # schema

images:      # most important first
    # the cow, asked for by bio
    - name: cow   # moo
      match:
        - /apps/cow.sif
        # more to come
      signing_key: {any_of: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,
                             BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB]}
      allow: {groups: [bio]}
      # end of the cow

    # the dog
    -
      # under its dash
      allow: {users: [alice]}
      match: [/apps/dog.sif]
      signing_key: {fingerprint: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}
      name: dog
    # - name: bird, not yet
# end of file
default: reject
)";

TEST(ImagesEditTest, AppendsAfterTheLastBindingInItsIndentation) {
  const std::string text = kByHand;
  std::string expected = text;
  const std::string last = "      name: dog\n";
  expected.insert(expected.find(last) + last.size(), lines_of("new", "    "));
  EXPECT_EQ(append(text, binding("new")), expected);
}

TEST(ImagesEditTest, RemovesTheLinesOfTheOneBinding) {
  const std::string text = kByHand;
  std::string without_cow = text;
  auto begin = text.find("    - name: cow");
  auto end = text.find("\n    # the dog");
  without_cow.erase(begin, end - begin);
  EXPECT_EQ(remove(text, "cow"), without_cow);
  std::string without_dog = text;
  begin = text.find("    -\n");
  end = text.find("    # - name: bird");
  without_dog.erase(begin, end - begin);
  EXPECT_EQ(remove(text, "dog"), without_dog);
}

TEST(ImagesEditTest, ClosesTheListWhenTheLastBindingGoesAndOpensItAgain) {
  const std::string none = remove(remove(kByHand, "cow"), "dog");
  EXPECT_THAT(none, HasSubstr("\nimages: []      # most important first\n"));
  EXPECT_THAT(none, HasSubstr("# the dog\n"));
  const std::string again = append(none, binding("new"));
  EXPECT_THAT(again, HasSubstr("\nimages:       # most important first\n" + lines_of("new")));
}

TEST(ImagesEditTest, TakesItemsAtTheColumnOfTheirKeyAndAMissingLastNewline) {
  std::string text = "version: 1\nimages:\n" + lines_of("a", "");
  EXPECT_EQ(append(text, binding("b")), text + lines_of("b", ""));
  std::string torn = text;
  torn.pop_back();
  EXPECT_EQ(append(torn, binding("b")), text + lines_of("b", ""));
  EXPECT_EQ(remove(torn, "a"), "version: 1\nimages: []\n");
}

TEST(ImagesEditTest, TakesAnIndentedDocumentItsMarkersAndColumnsBehindUtf8) {
  const std::string text = "---\n   version: 1\n   \"images\": [ ]  # \xC3\xA9t\xC3\xA9\n...\n";
  EXPECT_EQ(append(text, binding("a")),
            "---\n   version: 1\n   \"images\":   # \xC3\xA9t\xC3\xA9\n" + lines_of("a", "     ") +
                "...\n");
}

TEST(ImagesEditTest, WritesEveryFieldSoThatItReadsBack) {
  Binding b = binding("full");
  b.match = {"/a b/\xC3\xA9'\"#[\\]: x*.sif", "oras://h/r:1"};
  b.digest = "sha256:" + std::string(64, 'a');
  b.signers = {{kA}, {kB}, 1767225600};
  b.key = "0123456789abcdef";
  b.allow = {Values{"null", "true", "~", "- x"},
             Values{"domain users"},
             Values{"007"},
             Values{"1e3"},
             Values{"q"},
             Values{"-x"},
             Values{"n#1"}};
  b.deny.emplace().users = Values{"mal: lory"};
  b.not_before = 1767225600;
  b.not_after = 1830297599;
  b.mode = Mode::warn;
  b.release = Release::mount;
  b.preloaded = true;
  b.runtime = {Values{}, {"/a:/b:ro"}, true};
  const auto parsed = parse_policy(append(kByHand, b));
  ASSERT_TRUE(parsed);
  Binding read = parsed->bindings.back();
  read.line = 0;
  EXPECT_EQ(read, b);
  b.signers.signed_after = 1767225601;
  b.not_after = 1830297600;
  EXPECT_THAT(append(kByHand, b), HasSubstr("signed_after: 2026-01-01T00:00:01Z\n"));
}

TEST(ImagesEditTest, RefusesATakenOrUnknownName) {
  const auto taken = append_binding(kByHand, binding("dog"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code(), Code::exists);
  EXPECT_THAT(taken.error().what(), HasSubstr("'dog' exists already (images.yaml:18)"));
  for (const char* text : {kByHand, "", "version: 1\nimages: []\n"}) {
    const auto unknown = remove_binding(text, "cat");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code(), Code::absent);
  }
  EXPECT_FALSE(remove_binding(kByHand, "bird"));  // only a comment
}

TEST(ImagesEditTest, RefusesABindingThatWouldNotReadBack) {
  const auto refused = [](auto change) {
    Binding b = binding("x");
    change(b);
    const auto result = append_binding(kByHand, b);
    EXPECT_FALSE(result);
    return !result && result.error().code() == Code::usage;
  };
  EXPECT_TRUE(refused([](Binding& b) { b.name = "a b"; }));
  EXPECT_TRUE(refused([](Binding& b) { b.name = "x\"\n  - name: \"y"; }));
  EXPECT_TRUE(refused([](Binding& b) { b.match.clear(); }));
  EXPECT_TRUE(refused([](Binding& b) { b.match = {"relative"}; }));
  EXPECT_TRUE(refused([](Binding& b) { b.allow = {}; }));
  EXPECT_TRUE(refused([](Binding& b) { b.allow.users = Values{"a\nb"}; }));
  EXPECT_TRUE(refused([](Binding& b) { b.allow.users = Values{"al*"}; }));
  EXPECT_TRUE(refused([](Binding& b) { b.allow.users = Values{}; }));
  EXPECT_TRUE(refused([](Binding& b) { b.signers = {}; }));
  EXPECT_TRUE(refused([](Binding& b) { b.key = "a b"; }));
  EXPECT_TRUE(refused([](Binding& b) { b.digest = "sha256:0"; }));
  EXPECT_TRUE(refused([](Binding& b) { b.runtime.binds = {"x"}; }));
  EXPECT_TRUE(refused([](Binding& b) { b.allow.users = Values{"\xFF"}; }));
}

TEST(ImagesEditTest, RefusesMalformedFilesAndBracketsAndLeavesThemToAnEditor) {
  const std::string item =
      "{name: a, match: [/a], signing_key: {fingerprint: " + kA + "}, allow: {users: [x]}}";
  for (const std::string& text :
       {std::string("version: 2\nimages: []\n"), std::string("version: 1\n"),
        std::string("version: 1\nimages: [\n"), std::string("{version: 1, images: []}\n"),
        std::string("version: 1\nimages: [\n]\n"), "version: 1\nimages: [" + item + "]\n",
        "version: 1\n? images\n: - " + item + "\n"}) {
    const auto result = append_binding(text, binding("new"));
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), Code::config) << result.error().line();
  }
  EXPECT_FALSE(remove_binding("version: 1\nimages: [" + item + "]\n", "a"));
  EXPECT_FALSE(remove_binding("version: 1\n? images\n:\n  - " + item + "\n", "a"));
}

TEST(ImagesEditTest, EditsItemsWrittenInBracesOnTheirLine) {
  const std::string item =
      "  - {name: a, match: [/a], signing_key: {fingerprint: " + kA + "}, allow: {users: [x]}}\n";
  EXPECT_EQ(append(kHead + item, binding("b")), kHead + item + lines_of("b"));
  EXPECT_EQ(remove(kHead + item + lines_of("b"), "a"), kHead + lines_of("b"));
}

ChangedImages put(const std::string& text, const Binding& b, bool replace = false) {
  const auto result = put_binding(text, b, replace);
  EXPECT_TRUE(result) << (result ? "" : result.error().line());
  return result ? *result : ChangedImages{"", PutBinding::added};
}

TEST(ImagesEditTest, PuttingTheSameBindingAgainLeavesTheFileAsItIs) {
  const ChangedImages first = put(kByHand, binding("new"));
  EXPECT_EQ(first.how, PutBinding::added);
  EXPECT_EQ(first.text, append(kByHand, binding("new")));
  for (const bool replace : {false, true}) {
    const ChangedImages again = put(first.text, binding("new"), replace);
    EXPECT_EQ(again.how, PutBinding::unchanged);
    EXPECT_EQ(again.text, first.text);
  }
}

TEST(ImagesEditTest, AnotherOfTheSameNameIsReplacedInItsPlaceIfThatIsSaid) {
  const std::string text = append(append(append("", binding("a")), binding("b")), binding("c"));
  Binding other = binding("b");
  other.allow.users = Values{"bob"};
  const auto refused = put_binding(text, other, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::exists);
  EXPECT_THAT(refused.error().line(), HasSubstr("'b' exists already (images.yaml:8)"));
  EXPECT_THAT(refused.error().line(), HasSubstr("--replace"));
  std::string fresh = lines_of("b");
  fresh.replace(fresh.find("alice"), 5, "bob");
  const ChangedImages changed = put(text, other, true);
  EXPECT_EQ(changed.how, PutBinding::replaced);
  EXPECT_EQ(changed.text, kHead + lines_of("a") + fresh + lines_of("c"));
}

TEST(ImagesEditTest, ReplacingKeepsCommentsOfOthersAndTheColumn) {
  const std::string text =
      kHead + "# of a\n" + lines_of("a", "") + "  # within a\n# of b\n" + lines_of("b", "");
  Binding other = binding("a");
  other.match = {"/elsewhere.sif"};
  std::string fresh = lines_of("a", "");
  fresh.replace(fresh.find("/apps/a*.sif"), 12, "/elsewhere.sif");
  EXPECT_EQ(put(text, other, true).text,
            kHead + "# of a\n" + fresh + "# of b\n" + lines_of("b", ""));
}

TEST(ImagesEditTest, NothingIsReplacedByWhatWouldNotReadBack) {
  Binding bad = binding("dog");
  bad.match.clear();
  EXPECT_FALSE(put_binding(kByHand, bad, true));
  EXPECT_FALSE(put_binding("version: 1\nimages: [{name: a}]\n", binding("a"), true));
}

}  // namespace
}  // namespace sifguard
