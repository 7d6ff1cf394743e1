// JSON without ambiguity.
#include "keystore/base/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr JsonRules kExact = {.code = Code::refused, .exact = true};

/// What is wrong with a text that should hold nothing but x; empty if nothing.
std::string wrong_with(const std::string& text, const JsonRules& rules = kExact) {
  StrictObject object = StrictObject::parse(text, "it", rules);
  if (object.has("x")) (void)object.objects("x");
  const auto finished = object.finish();
  if (finished) return {};
  EXPECT_EQ(finished.error().code(), rules.code) << text;
  return finished.error().what();
}

template <typename Take>
std::string wrong_after(const std::string& text, Take take) {
  StrictObject object = StrictObject::parse(text, "it", kExact);
  take(object);
  const auto finished = object.finish();
  return finished ? std::string() : finished.error().what();
}

TEST(StrictJson, TakesAnObjectApart) {
  StrictObject object = StrictObject::parse(
      R"( {"s":"t","i":-3,"n":7,"l":[1,2],"b":true,"w":["a"],"o":{"q":1},"z":null,"a":[{"q":1}]} )"
      "\n",
      "it");
  EXPECT_EQ(object.string("s"), "t");
  EXPECT_EQ(object.integer("i"), -3);
  EXPECT_EQ(object.number<std::uint8_t>("n"), 7U);
  EXPECT_THAT(object.numbers("l"), ElementsAre(1U, 2U));
  EXPECT_TRUE(object.boolean("b"));
  EXPECT_THAT(object.strings("w"), ElementsAre("a"));
  StrictObject inner = object.object("o");
  EXPECT_FALSE(object.object_or_null("z").has_value());
  auto list = object.objects("a");
  EXPECT_TRUE(object.finish());
  EXPECT_EQ(inner.integer("q"), 1);
  EXPECT_TRUE(inner.finish());
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].where(), "it: a: 1");
  EXPECT_THAT(list[0].finish().error().line(), HasSubstr("it: a: 1: unknown field 'q'"));
}

TEST(StrictJson, ReadsFormatsThatOthersExtend) {
  StrictObject object = StrictObject::parse(
      R"({"a":null,"b":"x","m":{"one":"1","two":"2"},"other":[1],"z":null})", "it");
  EXPECT_FALSE(object.has_value("a"));
  EXPECT_FALSE(object.has("a"));
  EXPECT_FALSE(object.has_value("nowhere"));
  EXPECT_TRUE(object.has_value("b"));
  EXPECT_EQ(object.string("b"), "x");
  const auto texts = object.texts("m");
  EXPECT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts.at("two"), "2");
  object.ignore_others({"a", "b", "m"});
  EXPECT_TRUE(object.finish());
}

TEST(StrictJson, WhatIsIgnoredLooksLikeNoKnownField) {
  const auto ignoring = [](StrictObject& object) { object.ignore_others({"Env", "Cmd"}); };
  EXPECT_EQ(wrong_after(R"({"Environment":1,"x":2})", ignoring), "");
  EXPECT_THAT(wrong_after(R"({"ENV":1})", ignoring), HasSubstr("'ENV' differs from a known one"));
  EXPECT_THAT(wrong_after(R"({"Env":1,"env":2})", ignoring), HasSubstr("differs from a known one"));
}

TEST(StrictJson, TextsAreAnObjectOfStrings) {
  const auto texts = [](StrictObject& object) { (void)object.texts("x"); };
  EXPECT_EQ(wrong_after(R"({"x":{}})", texts), "");
  EXPECT_THAT(wrong_after(R"({"x":{"a":1}})", texts), HasSubstr("something else than strings"));
  EXPECT_THAT(wrong_after(R"({"x":{"a":null}})", texts), HasSubstr("something else than strings"));
  EXPECT_THAT(wrong_after(R"({"x":["a"]})", texts), HasSubstr("has the wrong type"));
  EXPECT_THAT(wrong_after(R"({"y":1})", texts), HasSubstr("'x' is missing"));
}

TEST(StrictJson, RefusesWhatTwoReadersMayReadDifferently) {
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
      {"{\"a\":1}", "unknown field 'a'"},
      {"{\"X\":[]}", "unknown field 'X'"},
  };
  for (const auto& [text, complaint] : cases) {
    EXPECT_THAT(wrong_with(text), HasSubstr(complaint)) << text;
  }
  EXPECT_EQ(wrong_with("{}"), "");
}

TEST(StrictJson, AFileMayHaveBlanksAroundItAndNothingElse) {
  EXPECT_EQ(wrong_with(" \r\n\t{}\n", {}), "");
  for (const char* text : {"", "\n", "\xef\xbb\xbf{}", "\v{}", "x{}", "{}\n\"\"", "null", "[{}]"}) {
    EXPECT_THAT(wrong_with(text, {}), HasSubstr("not an object")) << text;
  }
  EXPECT_THAT(wrong_with("{} {}", {}), HasSubstr("not JSON at byte"));
  EXPECT_THAT(wrong_with(std::string("{}\0", 3), {}), HasSubstr("not an object"));
}

TEST(StrictJson, BoundsBytesDepthAndValues) {
  const auto nested = [](std::size_t depth) {
    return "{\"x\":[{\"a\":" + std::string(depth - 3, '[') + std::string(depth - 3, ']') + "}]}";
  };
  JsonRules rules = kExact;
  rules.max_bytes = 1U << 20U;
  EXPECT_EQ(wrong_with(nested(8), rules), "");
  EXPECT_THAT(wrong_with(nested(9), rules), HasSubstr("nested deeper than 8"));
  EXPECT_THAT(wrong_with(nested(300000), rules), HasSubstr("nested deeper than 8"));
  rules.max_values = 4;  // the object, the array and two more
  EXPECT_EQ(wrong_with(R"({"x":[{},{}]})", rules), "");
  EXPECT_THAT(wrong_with(R"({"x":[{},{},{}]})", rules), HasSubstr("more values"));
  rules.max_bytes = 3;
  EXPECT_THAT(wrong_with(R"({"x":[]})", rules), HasSubstr("larger than 3 bytes"));
}

TEST(StrictJson, EachFieldHasItsTypeAndIsThereOnce) {
  const auto number = [](StrictObject& object) { (void)object.number<std::uint8_t>("n"); };
  for (const char* value :
       {"-0", "-1", "1.0", "1e0", "\"1\"", "null", "true", "[1]", "{}", "18446744073709551616"}) {
    const std::string text = std::string("{\"n\":") + value + "}";
    EXPECT_THAT(wrong_after(text, number), HasSubstr("'n' has the wrong type")) << text;
  }
  EXPECT_THAT(wrong_after(R"({"n":256})", number), HasSubstr("'n' is too large"));
  EXPECT_THAT(wrong_after("{}", number), HasSubstr("'n' is missing"));
  EXPECT_THAT(wrong_after(R"({"n":1})", [&](auto& it) { number(it), number(it); }),
              HasSubstr("'n' is missing"));
  const auto integer = [](StrictObject& object) { (void)object.integer("n"); };
  EXPECT_EQ(wrong_after(R"({"n":0})", integer), "");
  EXPECT_EQ(wrong_after(R"({"n":9223372036854775807})", integer), "");
  EXPECT_THAT(wrong_after(R"({"n":-0})", integer), HasSubstr("wrong type"));
  EXPECT_THAT(wrong_after(R"({"n":1.0})", integer), HasSubstr("wrong type"));
  EXPECT_THAT(wrong_after(R"({"n":9223372036854775808})", integer), HasSubstr("too large"));
}

TEST(StrictJson, ListsHoldOneKind) {
  const auto numbers = [](StrictObject& object) { (void)object.numbers("l"); };
  const auto strings = [](StrictObject& object) { (void)object.strings("l"); };
  for (const char* list : {"[-1]", "[-0]", "[1,\"2\"]", "[4294967296]", "[null]", "[1.5]"}) {
    const std::string text = std::string("{\"l\":") + list + "}";
    EXPECT_THAT(wrong_after(text, numbers), HasSubstr("else than whole numbers")) << text;
    EXPECT_THAT(wrong_after(text, strings), HasSubstr("else than strings")) << text;
  }
  EXPECT_THAT(wrong_after(R"({"l":{}})", numbers), HasSubstr("wrong type"));
  EXPECT_THAT(wrong_after(R"({"l":"a"})", strings), HasSubstr("wrong type"));
}

TEST(StrictJson, NullIsNoObjectButWhereItMayBe) {
  EXPECT_THAT(wrong_after(R"({"o":null})", [](auto& it) { (void)it.object("o"); }),
              HasSubstr("'o' has the wrong type"));
  const auto maybe = [](StrictObject& object) { (void)object.object_or_null("o"); };
  EXPECT_EQ(wrong_after(R"({"o":null})", maybe), "");
  EXPECT_THAT(wrong_after(R"({"o":[]})", maybe), HasSubstr("'o' has the wrong type"));
  EXPECT_THAT(wrong_after("{}", maybe), HasSubstr("'o' is missing"));
}

TEST(StrictJson, TheFirstThingWrongIsTold) {
  EXPECT_THAT(wrong_after(R"({"a":1})",
                          [](StrictObject& it) {
                            it.reject("bad a");
                            it.reject("bad b");
                            EXPECT_EQ(it.integer("a"), 0);
                          }),
              HasSubstr("it: bad a"));
}

}  // namespace
}  // namespace sifguard
