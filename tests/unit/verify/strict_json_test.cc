// JSON without ambiguity.
#include "helper/verify/wire/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sifguard {
namespace {

using ::testing::HasSubstr;

TEST(StrictJson, parses_objects) {
  const auto root = parse_strict_json(R"({"a":[1,{"b":null}],"c":{"a":"x"}})");
  ASSERT_TRUE(root) << root.error().line();
  EXPECT_EQ((*root)["c"]["a"], "x");
}

TEST(StrictJson, refuses_what_two_readers_may_read_differently) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"a":1,"a":2})", "'a' is repeated"},
      {R"({"x":{"a":1,"b":2,"a":1}})", "'a' is repeated"},
      {R"([{"q":1},{"q":1,"q":1}])", "not a JSON object"},
      {R"({"x":[{"q":1},{"q":1,"q":1}]})", "'q' is repeated"},
      {R"({"a":1,"\u0061":2})", "'a' is repeated"},
      {"{\"\\u001b\":1,\"\\u001b\":1}", "'\\x1b' is repeated"},
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {" {}", "not a JSON object"},
      {"{}\n", "not a JSON object"},
      {"\xef\xbb\xbf{}", "not a JSON object"},
      {"{} {}", "not JSON at byte"},
      {"{}}", "not JSON at byte"},
      {"{\"a\":1,}", "not JSON at byte"},
      {"{a:1}", "not JSON at byte"},
      {"{\"a\":01}", "not JSON at byte"},
      {"{\"a\":NaN}", "not JSON at byte"},
      {"{/**/}", "not JSON at byte"},
      {"{\"a\":\"\xff\"}", "not JSON at byte"},
  };
  for (const auto& [text, complaint] : cases) {
    const auto root = parse_strict_json(text);
    ASSERT_FALSE(root) << text;
    EXPECT_THAT(root.error().what(), HasSubstr(complaint)) << text;
  }
}

TEST(StrictJson, bounds_the_depth) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_TRUE(parse_strict_json(nested(8)));
  EXPECT_FALSE(parse_strict_json(nested(9)));
  EXPECT_FALSE(parse_strict_json(nested(300000)));
}

TEST(CheckKeys, wants_exactly_the_keys) {
  const auto object = nlohmann::json::parse(R"({"a":1,"b":2})");
  EXPECT_TRUE(check_keys(object, {"a", "b"}, "it"));
  EXPECT_THAT(check_keys(object, {"a"}, "it").error().what(), HasSubstr("unknown key 'b'"));
  EXPECT_THAT(check_keys(object, {"a", "b", "c"}, "it").error().what(), HasSubstr("lacks"));
  EXPECT_THAT(check_keys(object, {"A", "b"}, "it").error().what(), HasSubstr("lacks the key 'A'"));
  EXPECT_FALSE(check_keys(nlohmann::json::array(), {}, "it"));
}

}  // namespace
}  // namespace sifguard
