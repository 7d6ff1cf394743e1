#include "keystore/base/flat_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr JsonRules kRules = {.code = Code::refused, .max_bytes = 1000, .max_depth = 4};

FlatJson flat(std::string_view text) {
  auto parsed = FlatJson::parse(text, kRules);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *std::move(parsed) : FlatJson();
}

std::string wrong(std::string_view text) {
  const auto parsed = FlatJson::parse(text, kRules);
  if (parsed) return {};
  EXPECT_EQ(parsed.error().code(), Code::refused);
  return parsed.error().what();
}

TEST(FlatJson, HasStringsNumbersAndLists) {
  const FlatJson one =
      flat(R"({"s":"a\"b","n":-7,"u":8,"l":["x","","y"],"b":true,"z":null,"f":1.50})");
  EXPECT_EQ(one.text("s"), "a\"b");
  EXPECT_EQ(one.text("n"), "-7");
  EXPECT_EQ(one.integer("n"), -7);
  EXPECT_EQ(one.integer("u"), 8);
  EXPECT_EQ(one.text("l"), "x  y");
  EXPECT_THAT(one.items("l"), ElementsAre("x", "", "y"));
  EXPECT_EQ(one.text("b"), "true");
  EXPECT_EQ(one.text("z"), "null");
  EXPECT_EQ(one.text("f"), "1.50");
  EXPECT_TRUE(one.has("z"));
}

TEST(FlatJson, HasNothingElse) {
  const FlatJson one =
      flat(R"({"s":"7","l":[1,["deep"],{"x":"y"},"top"],"o":{"s":"inner","n":1}})");
  EXPECT_FALSE(one.has("x"));
  EXPECT_FALSE(one.has("n"));
  EXPECT_EQ(one.text("o"), "");
  EXPECT_THAT(one.items("l"), ElementsAre("top"));
  EXPECT_THAT(one.items("s"), IsEmpty());
  EXPECT_EQ(one.integer("s"), std::nullopt);
  EXPECT_EQ(one.text("absent"), "");
  EXPECT_EQ(one.integer("absent"), std::nullopt);
}

TEST(FlatJson, ANumberThatIsTooLargeIsText) {
  const FlatJson one = flat(R"({"big":18446744073709551615,"most":9223372036854775807})");
  EXPECT_EQ(one.integer("big"), std::nullopt);
  EXPECT_EQ(one.text("big"), "18446744073709551615");
  EXPECT_EQ(one.integer("most"), INT64_MAX);
}

TEST(FlatJson, IsAsStrictAsATree) {
  EXPECT_THAT(wrong(R"({"a":1,"a":2})"), HasSubstr("field 'a' is repeated"));
  EXPECT_THAT(wrong(R"({"o":{"a":1,"a":2}})"), HasSubstr("repeated"));
  EXPECT_THAT(wrong(R"([1])"), HasSubstr("not an object"));
  EXPECT_THAT(wrong(""), HasSubstr("not an object"));
  EXPECT_THAT(wrong(R"({"a":})"), HasSubstr("not JSON at byte"));
  EXPECT_THAT(wrong(R"({"a":1}{"b":2})"), HasSubstr("not JSON at byte"));
  EXPECT_THAT(wrong("{\"a\":\"\xff\"}"), HasSubstr("not JSON at byte"));
  EXPECT_THAT(wrong(R"({"a":[[[[1]]]]})"), HasSubstr("nested deeper"));
  EXPECT_THAT(wrong("{\"a\":\"" + std::string(1000, 'x') + "\"}"), HasSubstr("larger than"));
}

}  // namespace
}  // namespace sifguard
