#include "keystore/cli/json_answer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "keystore/base/in_place.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

TEST(JsonAnswer, BeginsWithItsSchemaAndThenTheChange) {
  JsonAnswer answer;
  answer.set("key", {{"name", "cow"}, {"reason", nullptr}});
  EXPECT_EQ(Json::parse(answer.text(std::nullopt)).dump(),
            R"({"schema":"sifguard.key/1","name":"cow","reason":null})");
  EXPECT_EQ(
      Json::parse(answer.text(ChangeNote{true, false})).dump(),
      R"({"schema":"sifguard.key/1","changed":true,"dry_run":false,"name":"cow","reason":null})");
}

TEST(JsonAnswer, WhatIsDatedSaysWhetherTheClockWasDoubted) {
  JsonAnswer answer;
  answer.set("digest", {{"revoked", true}});
  answer.set_clock_doubt("the clock says 2040");
  EXPECT_EQ(Json::parse(answer.text(ChangeNote{true, false})).dump(),
            R"({"schema":"sifguard.digest/1","changed":true,"dry_run":false,)"
            R"("clock_doubt":"the clock says 2040","revoked":true})");
  answer.set_clock_doubt("");
  EXPECT_TRUE(Json::parse(answer.text(std::nullopt))["clock_doubt"].is_null());
}

TEST(JsonAnswer, AListIsInItems) {
  JsonAnswer answer;
  answer.set("key-list", Json::array());
  EXPECT_EQ(Json::parse(answer.text(std::nullopt)).dump(),
            R"({"schema":"sifguard.key-list/1","items":[]})");
  answer.set("key-list", Json::array({"a", "b"}));  // the last one counts
  EXPECT_EQ(Json::parse(answer.text(std::nullopt))["items"], Json::array({"a", "b"}));
}

TEST(JsonAnswer, ContentIsTextOrBase64) {
  JsonAnswer answer;
  answer.add_content("BEGIN\n");
  answer.add_content("END\n");
  EXPECT_EQ(Json::parse(answer.text(std::nullopt)).dump(),
            R"({"schema":"sifguard.done/1","content":"BEGIN\nEND\n"})");
  JsonAnswer binary;
  binary.add_content("\x30\x82\xff");
  EXPECT_EQ(Json::parse(binary.text(std::nullopt)).dump(),
            R"({"schema":"sifguard.done/1","content_base64":"MIL/"})");
}

TEST(JsonAnswer, IsAsciiWhateverItHolds) {
  JsonAnswer answer;
  answer.set("key", {{"name", "\x1b[31m\xc3\xa4\xff"}});
  const std::string text = answer.text(std::nullopt);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
  EXPECT_TRUE(Json::accept(text));
}

TEST(JsonError, HasStatusKindMessageAndRemedy) {
  EXPECT_EQ(Json::parse(json_error(Error(Code::absent, "no key", "make one"))).dump(),
            R"({"schema":"sifguard.error/1","status":66,"kind":"absent","message":"no key",)"
            R"("remedy":"make one","changed":false})");
  const Json plain = Json::parse(json_error(Error(Code::usage, "what?")));
  EXPECT_EQ(plain["remedy"], nullptr);
  EXPECT_EQ(plain["status"], 64);
}

TEST(JsonError, SaysTheKindThatTheStatusIsOf) {
  const Json denied = Json::parse(json_error(Error(Code::no_input, "x", "", EACCES)));
  EXPECT_EQ(denied["status"], 77);
  EXPECT_EQ(denied["kind"], "denied");
}

TEST(JsonError, SaysThatTheChangeWasMade) {
  const Error error = in_place(Error(Code::temporary, "full"), "it is not durable");
  EXPECT_EQ(Json::parse(json_error(error))["changed"], true);
}

}  // namespace
}  // namespace sifguard
