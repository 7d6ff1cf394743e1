#include "keystore/base/json_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace sifguard {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using ::testing::HasSubstr;

constexpr JsonRules kTreeRules = {
    .code = Code::refused, .max_bytes = 1000, .max_depth = kForeignJsonDepth};

std::string wrong_tree(std::string_view text) {
  const auto tree = json_tree<json>(text, kTreeRules);
  if (tree) return {};
  EXPECT_EQ(tree.error().code(), Code::refused);
  return tree.error().what();
}

TEST(JsonTree, HasFieldsThatNobodyKnows) {
  const auto tree = json_tree<json>(R"( {"a":[1,{"b":null}],"c":1e300,"":"x"} )"
                                    "\n",
                                    kTreeRules);
  ASSERT_TRUE(tree) << tree.error().line();
  EXPECT_EQ(tree->size(), 3U);
  EXPECT_TRUE((*tree)["a"][1]["b"].is_null());
}

TEST(JsonTree, KeepsTheOrderWhereThatIsWanted) {
  const auto tree = json_tree<ordered_json>(R"({"b":1,"a":2})", kTreeRules);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->dump(), R"({"b":1,"a":2})");
}

TEST(JsonTree, RefusesWhatTwoReadersMayReadDifferently) {
  EXPECT_EQ(wrong_tree(R"({"a":1,"a":2})"), "field 'a' is repeated");
  EXPECT_EQ(wrong_tree(R"({"a":{"b":[{"c":1,"c":1}]}})"), "field 'c' is repeated");
  EXPECT_EQ(wrong_tree(R"({"a":1,"\u0061":2})"), "field 'a' is repeated");
  EXPECT_EQ(wrong_tree("\xEF\xBB\xBF{}"), "not an object of named fields");
}

TEST(JsonTree, RefusesWhatIsNoObject) {
  for (const char* text : {"", " ", "[]", "[{}]", "1", "null", "\"{}\"", "<html>"}) {
    EXPECT_EQ(wrong_tree(text), "not an object of named fields") << text;
  }
  for (const char* text : {"{", "{}}", "{} {}", "{a:1}", "{'a':1}", "{\"a\":1,}", "{\"a\":NaN}",
                           "{\"a\":\"\xff\"}", "{/**/}"}) {
    EXPECT_NE(wrong_tree(text), "") << text;
  }
}

TEST(JsonTree, HasLimits) {
  const auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(wrong_tree(nested(kForeignJsonDepth)), "");
  EXPECT_THAT(wrong_tree(nested(kForeignJsonDepth + 1)), HasSubstr("deeper than 32"));
  EXPECT_EQ(wrong_tree("{" + std::string(998, ' ') + "}"), "");
  EXPECT_EQ(wrong_tree("{" + std::string(999, ' ') + "}"), "larger than 1000 bytes");
  EXPECT_FALSE(json_tree<json>(R"({"a":[1,2]})", {.max_values = 2}));
}

/// An error shows what it names to a terminal.
TEST(JsonTree, EscapesTheNamesItTells) {
  EXPECT_THAT(wrong_tree("{\"\\u001b[2J\":1,\"\\u001b[2J\":2}"), ::testing::Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace sifguard
