// Answers: what a refusal carries, and that nothing but a whole valid answer is believed.
#include "helper/request/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace sifguard {
namespace {

using testing::HasSubstr;

TEST(Answer, CarriesARefusalsStatusAndLine) {
  const Error error(Code::denied, "user mallory may not", "ask the image's owner");
  const wire::Answer answer = refuse_answer(error);
  const auto decoded = decode_answer(encode_answer(answer));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().line();
  EXPECT_EQ(decoded->exit_status, 77);
  EXPECT_THAT(decoded->message, HasSubstr("user mallory may not"));
  EXPECT_THAT(decoded->message, HasSubstr("ask the image's owner"));
}

TEST(Answer, AllowsWithAndWithoutANotice) {
  EXPECT_EQ(allow_answer().exit_status, 0);
  EXPECT_STREQ(allow_answer().message, "");
  EXPECT_STREQ(allow_answer("runs unencrypted").message, "runs unencrypted");
}

TEST(Answer, SaysWhetherAStepIsEnforced) {
  for (const bool enforced : {false, true}) {
    const wire::Answer answer = enforcement_answer(enforced);
    const auto decoded = decode_answer(encode_answer(answer));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().line();
    EXPECT_EQ(decoded->exit_status, 0);
    EXPECT_EQ(decoded->enforced, enforced ? 1U : 0U);
  }
  EXPECT_EQ(allow_answer().enforced, 0U);
}

TEST(Answer, EscapesWhatATerminalWouldObey) {
  const wire::Answer answer = refuse_answer(Error(Code::refused, "a\nb\x1b[31mc\x80"));
  EXPECT_STREQ(answer.message, "a\\x0ab\\x1b[31mc\\x80");
}

TEST(Answer, LeavesWhatWasEscapedBeforeAsItIs) {
  const std::string line = "CN=J\\C3\\BCrgen, /tmp/\\xff\\x5cx";
  EXPECT_EQ(refuse_answer(Error(Code::refused, line)).message, line);
}

TEST(Answer, CutsALongLineInsideTheField) {
  for (const std::size_t size : {1019U, 1020U, 1021U, 1023U, 1024U, 5000U}) {
    const wire::Answer answer = refuse_answer(Error(Code::refused, std::string(size, 'x')));
    ASSERT_TRUE(wire::answer_is_valid(answer)) << size;
    EXPECT_GE(std::strlen(answer.message), 1019U);
  }
}

TEST(Answer, EveryCodeOfOursIsAValidStatus) {
  for (const Code code : {Code::usage, Code::refused, Code::no_input, Code::unavailable,
                          Code::internal, Code::temporary, Code::denied, Code::config}) {
    EXPECT_TRUE(wire::answer_is_valid(refuse_answer(Error(code, "x"))));
  }
  EXPECT_EQ(wire::kExitUsage, static_cast<int>(Code::usage));
  EXPECT_EQ(wire::kExitUnavailable, static_cast<int>(Code::unavailable));
  EXPECT_EQ(wire::kExitInternal, static_cast<int>(Code::internal));
  EXPECT_EQ(wire::kExitTemporary, static_cast<int>(Code::temporary));
  EXPECT_EQ(wire::kExitConfig, static_cast<int>(Code::config));
}

TEST(Answer, RefusesAnyOtherSize) {
  const wire::Answer answer = allow_answer();
  const std::string bytes(encode_answer(answer));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_answer(std::string_view(bytes).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_answer(bytes + '\0').has_value());
}

TEST(Answer, RefusesDamage) {
  const auto is_refused = [](auto change) {
    wire::Answer answer = allow_answer("notice");
    change(answer);
    return !decode_answer(encode_answer(answer)).has_value();
  };
  EXPECT_TRUE(is_refused([](wire::Answer& a) { a.magic ^= 1; }));
  EXPECT_TRUE(is_refused([](wire::Answer& a) { a.version = 1; }));
  EXPECT_TRUE(is_refused([](wire::Answer& a) { a.enforced = 2; }));
  EXPECT_TRUE(is_refused([](wire::Answer& a) { a.exit_status = 1; }));
  EXPECT_TRUE(is_refused([](wire::Answer& a) { a.exit_status = -1; }));
  EXPECT_TRUE(is_refused([](wire::Answer& a) { a.exit_status = 79; }));
  EXPECT_TRUE(is_refused([](wire::Answer& a) { a.exit_status = 256; }));
  EXPECT_TRUE(is_refused([](wire::Answer& a) {
    std::memset(a.message, 'x', sizeof a.message);  // no NUL
  }));
}

TEST(Answer, ProgressIsNone) {
  const wire::Answer progress = progress_message("node1: copying\nx");
  EXPECT_TRUE(wire::is_progress(progress));
  EXPECT_STREQ(progress.message, "node1: copying\\x0ax");
  EXPECT_FALSE(decode_answer(encode_answer(progress)).has_value());
  EXPECT_FALSE(wire::is_progress(allow_answer("notice")));
  wire::Answer bad = progress;
  bad.exit_status = 77;
  EXPECT_FALSE(wire::is_progress(bad));
  bad = progress;
  std::memset(bad.message, 'x', sizeof bad.message);
  EXPECT_FALSE(wire::is_progress(bad));
}

}  // namespace
}  // namespace sifguard
