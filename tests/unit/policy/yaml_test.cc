// The strict YAML reader: what it refuses, and where it says things are.
#include "keystore/policy/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<YamlNode> read(std::string_view text) {
  return parse_yaml(text, "f.yaml", 1 << 20);
}

/// The message; "" when the text was taken.
std::string refusal(std::string_view text) {
  const auto node = read(text);
  if (node) return "";
  EXPECT_EQ(node.error().code(), Code::config) << text;
  return node.error().what();
}

TEST(YamlTest, ReadsMappingsListsAndScalarsWithTheirLines) {
  const auto node = read("# comment\na: 1\nb:\n  - x\n  - {c: \"y\"}\n");
  ASSERT_TRUE(node) << node.error().what();
  ASSERT_EQ(node->entries.size(), 2U);
  EXPECT_EQ(node->entries[0].key, "a");
  EXPECT_EQ(node->entries[0].line, 2);
  EXPECT_EQ(node->entries[0].value.text, "1");
  EXPECT_TRUE(node->entries[0].value.plain);
  const YamlNode& list = node->entries[1].value;
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.line, 4);
  EXPECT_EQ(list.column, 2);
  EXPECT_EQ(list.last_line, 5);
  EXPECT_TRUE(list.items[1].flow);
  EXPECT_EQ(list.items[1].entries[0].value.text, "y");
  EXPECT_FALSE(list.items[1].entries[0].value.plain);
}

TEST(YamlTest, ADocumentWithoutContentIsAnEmptyMapping) {
  for (const char* text : {"", "\n\n", "# only a comment\n"}) {
    const auto node = read(text);
    ASSERT_TRUE(node) << text;
    EXPECT_EQ(node->kind, YamlNode::Kind::mapping);
    EXPECT_TRUE(node->entries.empty());
  }
}

TEST(YamlTest, LastLineLeavesOutTheCommentsBehind) {
  const auto node = read("a:\n  - b: 1\n    c: [x,\n      y]\n    # behind\n\n# end\nd: 2\n");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->entries[0].value.items[0].line, 2);
  EXPECT_EQ(node->entries[0].value.items[0].last_line, 4);
}

TEST(YamlTest, LastLineIsNotThatOfTheTokenAfterAnEmptyValue) {
  const auto node = read("a:\n  - b: 1\n    c:\n\n  - d: 1\n");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->entries[0].value.items[0].last_line, 3);
}

TEST(YamlTest, NullIsNothingTildeAndTheWordUnlessQuoted) {
  const auto node = read("a:\nb: ~\nc: NULL\nd: \"\"\ne: \"null\"\nf: nil\n");
  ASSERT_TRUE(node);
  const bool expected[] = {true, true, true, false, false, false};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(node->entries[i].value.is_null(), expected[i]) << node->entries[i].key;
  }
}

struct Refused {
  const char* text;
  const char* message;
};

class YamlRefusals : public ::testing::TestWithParam<Refused> {};

TEST_P(YamlRefusals, SaysWhatAndWhere) {
  EXPECT_THAT(refusal(GetParam().text), HasSubstr(GetParam().message)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, YamlRefusals,
    ::testing::Values(
        Refused{"a: &x 1\n", "f.yaml:1: YAML anchors"},
        Refused{"a: 1\nb: &x [1]\n", "f.yaml:2: YAML anchors"},
        Refused{"&x a: 1\n", "f.yaml:1: YAML anchors"}, Refused{"a: &x {b: 1}\n", "YAML anchors"},
        Refused{"a: *x\n", "f.yaml:1: "}, Refused{"a: 1\nb: {<<: *a}\n", "f.yaml:2: "},
        Refused{"a: !!str 1\n", "f.yaml:1: YAML tags"}, Refused{"a: !x [1]\n", "YAML tags"},
        Refused{"a: ! 1\n", "YAML tags"}, Refused{"!!map {a: 1}\n", "YAML tags"},
        Refused{"!!python/object/apply:os.system [id]\n", "YAML tags"},
        Refused{"%YAML 1.1\n---\na: 1\n", "directives"},
        Refused{"%TAG ! tag:x,2000:\n---\na: 1\n", "directives"},
        Refused{"a: 1\nb: 2\na: 3\n", "f.yaml:3: the field 'a' is repeated"},
        Refused{"a: 1\n\"a\": 3\n", "f.yaml:2: the field 'a' is repeated"},
        Refused{"x: {a: 1, a: 1}\n", "f.yaml:1: the field 'a' is repeated"},
        Refused{"a: 1\n---\nb: 2\n", "f.yaml:2: a second YAML document"},
        Refused{"a: 1\n...\n---\nb: 2\n", "a second YAML document"},
        Refused{"[1]: 2\n", "f.yaml:1: a field's name"}, Refused{"{a: 1}: 2\n", "a field's name"},
        Refused{"? [1]\n: 2\n", "a field's name"}, Refused{": 2\n", "f.yaml:1: "},
        Refused{"~: 2\n", "a field's name"}, Refused{"a: |\n  x\n", "f.yaml:1: a value that spans"},
        Refused{"a: >\n  x\n", "spans lines"}, Refused{"a: x\n  y\n", "spans lines"},
        Refused{"a: \"x\n  y\"\n", "spans lines"}, Refused{"a: 'x\n  y'\n", "spans lines"},
        Refused{"a: \"x\\ny\"\n", "control character"},
        Refused{"a: \"x\\0\"\n", "control character"},
        Refused{"\"a\\x1b\": 1\n", "control character"}, Refused{"a: [1\n", "not valid YAML"},
        Refused{"a: \"x\n", "not valid YAML"}, Refused{"a: 1\n - b\n", "spans lines"},
        Refused{"a: [x]\n b: 2\n", "f.yaml:2: not valid YAML"},
        Refused{"\ta: 1\n", "not valid YAML"}, Refused{"a: }\n", "not valid YAML"},
        Refused{"a: 1\r\nb: 2\r\n", "f.yaml:1: a line end"},
        Refused{"a: 1 # x\rb: 2\n", "f.yaml:1: a line end"},
        Refused{"a: 1\n# x\xC2\x85"
                "b: 2\n",
                "f.yaml:2: a line end"},
        Refused{"# x\xE2\x80\xA8"
                "b: 2\n",
                "a line end"},
        Refused{"# x\xE2\x80\xA9"
                "b: 2\n",
                "a line end"},
        Refused{"\xEF\xBB\xBF"
                "a: 1\n",
                "byte order mark"},
        Refused{"a: 1\nb: \xFF\n", "f.yaml:2: not UTF-8"},
        Refused{"a: \xED\xA0\x80\n", "f.yaml:1: not UTF-8"},
        Refused{"a: \xC0\xAF\n", "not UTF-8"}));

TEST(YamlTest, RefusesNulBytesAndUtf16) {
  EXPECT_THAT(refusal(std::string_view("a: 1\0b", 6)), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal(std::string_view("\xFF\xFE"
                                       "a\0:\0 \0"
                                       "1\0",
                                       10)),
              HasSubstr("not UTF-8"));
}

TEST(YamlTest, RefusesDepthBeyondSixteen) {
  const auto nested = [](int depth) {
    return "a: " + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "\n";
  };
  EXPECT_EQ(refusal(nested(15)), "");
  EXPECT_THAT(refusal(nested(16)), HasSubstr("nested deeper"));
  EXPECT_THAT(refusal(std::string(200000, '[')), HasSubstr("f.yaml:1: nested deeper"));
}

TEST(YamlTest, RefusesMoreThanTheLimit) {
  EXPECT_TRUE(parse_yaml("a: 1\n", "f", 5));
  const auto over = parse_yaml("a: 1\n\n", "f", 5);
  ASSERT_FALSE(over);
  EXPECT_THAT(over.error().what(), StartsWith("f: larger than 5 bytes"));
}

TEST(YamlTest, RefusesMoreThanAMillionValues) {
  std::string text = "a: [";
  for (int i = 0; i < 1'000'100; ++i) text += "0,";
  const auto node = parse_yaml(text + "]\n", "f", std::size_t{16} << 20U);
  ASSERT_FALSE(node);
  EXPECT_THAT(node.error().what(), HasSubstr("a million"));
}

TEST(YamlTest, EveryTruncationIsReadOrRefusedWithoutHarm) {
  const std::string text = "a: [1, {b: \"c\"}]\nd:\n  - e: 'f'\n    g: ~\n";
  for (std::size_t i = 0; i <= text.size(); ++i) static_cast<void>(read(text.substr(0, i)));
  for (std::size_t i = 0; i < text.size() * 8; ++i) {
    std::string flipped = text;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    static_cast<void>(read(flipped));
  }
  EXPECT_TRUE(read(text));
}

}  // namespace
}  // namespace sifguard
