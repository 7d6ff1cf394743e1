// The plan's file format: exact text, round trips, and damage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helper/launch/plan.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

const std::string kGolden =
    "sifguard-plan 2\n"
    "runtime 18\n/usr/bin/apptainer\n"
    "arg 4\nexec\n"
    "arg 5\na\nb c\n"
    "arg 0\n\n"
    "setenv 4\nA=\n1\n"
    "copyenv 5\nX_A=A\n"
    "dropenv 2\nX_\n"
    "innerenv 2\nY_\n"
    "showenv 6\nP=pm.1\n"
    "showbelow 6\nQ=/t/s\n"
    "start 2\n/w\n"
    "ask 3\n/us\n"
    "show 3\n/si\n";

LaunchPlan golden() {
  return {"/usr/bin/apptainer",
          {"exec", "a\nb c", ""},
          {"A=\n1"},
          {"X_A=A"},
          {"X_"},
          "Y_",
          {"P=pm.1"},
          {"Q=/t/s"},
          "/w",
          {"/us"},
          {"/si"}};
}

void expect_refused(const std::string& text, const std::string& why) {
  const auto plan = parse_plan(text);
  ASSERT_FALSE(plan.has_value()) << text;
  EXPECT_EQ(plan.error().code(), Code::config);
  EXPECT_THAT(plan.error().what(), HasSubstr(why)) << text;
}

TEST(PlanFile, IsWrittenAsDocumented) {
  EXPECT_EQ(format_plan(golden()), kGolden);
}

TEST(PlanFile, IsReadBack) {
  const auto plan = parse_plan(kGolden);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_EQ(plan->runtime, golden().runtime);
  EXPECT_EQ(plan->args, golden().args);
  EXPECT_EQ(plan->environment, golden().environment);
  EXPECT_EQ(plan->copied, golden().copied);
  EXPECT_EQ(plan->dropped, golden().dropped);
  EXPECT_EQ(plan->inner_prefix, golden().inner_prefix);
  EXPECT_EQ(plan->shown, golden().shown);
  EXPECT_EQ(plan->shown_below, golden().shown_below);
  EXPECT_EQ(plan->start, golden().start);
  EXPECT_EQ(plan->asked_sources, golden().asked_sources);
  EXPECT_EQ(plan->site_sources, golden().site_sources);
}

TEST(PlanFile, HasAnImagesCommandIfThereIsOne) {
  LaunchPlan plan = golden();
  plan.command = ImageCommand{{"/entry", "a\nb"}, {""}};
  const std::string text = format_plan(plan);
  EXPECT_THAT(text, HasSubstr("start 2\n/w\ncommand 0\n\nentry 6\n/entry\nentry 3\na\nb\n"
                              "default 0\n\nask 3\n"));
  EXPECT_EQ(parse_plan(text)->command, plan.command);
  plan.command = ImageCommand{};
  EXPECT_EQ(parse_plan(format_plan(plan))->command, plan.command);
}

TEST(PlanFile, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < kGolden.size(); ++size) {
    const auto plan = parse_plan(kGolden.substr(0, size));
    if (plan) {  // only whole records at the end may be missing
      EXPECT_EQ(plan->args.front(), "exec") << size;
      EXPECT_EQ(kGolden[size - 1], '\n') << size;
    }
  }
}

TEST(PlanFile, RefusesAnotherFirstLine) {
  expect_refused("", "not of version 2");
  expect_refused("sifguard-plan 1\nruntime 2\n/r\narg 1\na\n", "not of version 2");
  expect_refused("sifguard-plan 20\nruntime 2\n/r\narg 1\na\n", "not of version 2");
}

TEST(PlanFile, RefusesMalformedLengths) {
  for (const char* length :
       {"", "-1", "+2", "02", "2 ", " 2", "0x2", "2a", "99999999999999999999"}) {
    expect_refused(std::string("sifguard-plan 2\nruntime ") + length + "\n/r\narg 1\na\n",
                   "malformed length");
  }
  expect_refused("sifguard-plan 2\nruntime\n/r\n", "no length");
  expect_refused("sifguard-plan 2\nruntime 2", "no length");
}

TEST(PlanFile, RefusesWrongLengths) {
  for (const char* length : {"0", "1", "3", "4", "18446744073709551615", "1000000"}) {
    expect_refused(std::string("sifguard-plan 2\nruntime ") + length + "\n/r\n", "wrong length");
  }
}

TEST(PlanFile, RefusesUnknownAndMisplacedRecords) {
  const std::string start = "sifguard-plan 2\nruntime 2\n/r\narg 1\na\n";
  expect_refused(start + "unset 1\nA\n", "record 3: unknown kind 'unset'");
  expect_refused(start + " 1\nA\n", "unknown kind ''");
  expect_refused(start + "runtime 2\n/q\n", "record 3: a runtime that is not the first");
  expect_refused("sifguard-plan 2\narg 1\na\nruntime 2\n/r\n", "not the first");
  expect_refused("sifguard-plan 2\narg 1\na\n", "no runtime");
  expect_refused("sifguard-plan 2\nruntime 2\n/r\n", "no arguments");
  expect_refused("sifguard-plan 2\n", "no runtime");
}

TEST(PlanFile, RefusesCommandsThatCannotBeMeant) {
  const std::string head = "sifguard-plan 2\nruntime 2\n/a\narg 1\nx\n";
  expect_refused(head + "command 0\n\n", "a command without a start");
  expect_refused(head + "entry 1\nx\n", "a word without a command");
  expect_refused(head + "start 1\n.\ndefault 1\nx\n", "a word without a command");
  expect_refused(head + "start 1\n.\ncommand 1\nx\n", "a command that is not empty");
  expect_refused(head + "start 1\n.\ncommand 0\n\ncommand 0\n\n", "a second command");
}

TEST(PlanFile, RefusesValuesThatCannotBeMeant) {
  expect_refused("sifguard-plan 2\nruntime 1\nr\narg 1\na\n", "not absolute");
  expect_refused("sifguard-plan 2\nruntime 0\n\narg 1\na\n", "not absolute");
  const std::string start = "sifguard-plan 2\nruntime 2\n/r\narg 1\na\n";
  expect_refused(start + "setenv 1\nA\n", "not NAME=VALUE");
  expect_refused(start + "setenv 2\n=1\n", "not NAME=VALUE");
  expect_refused(start + "copyenv 1\nA\n", "not NAME=VALUE");
  expect_refused(start + "showenv 1\nA\n", "not NAME=VALUE");
  expect_refused(start + "showbelow 1\nA\n", "not NAME=VALUE");
  expect_refused(start + "showbelow 3\n=/t\n", "not NAME=VALUE");
  expect_refused(start + "dropenv 0\n\n", "empty prefix");
  expect_refused(start + "innerenv 0\n\n", "empty prefix");
  expect_refused(start + "innerenv 2\nX_\ninnerenv 2\nX_\n", "second prefix");
  expect_refused(start + "start 0\n\n", "not absolute");
  expect_refused(start + "start 1\nw\n", "not absolute");
  expect_refused(start + "start 1\n.\nstart 1\n.\n", "second start");
  expect_refused(start + "ask 1\na\n", "not absolute");
  expect_refused(start + "show 0\n\n", "not absolute");
  expect_refused(start + std::string("arg 3\na\0b\n", 10), "NUL");
}

TEST(PlanFile, RefusesMoreThanAMebibyte) {
  LaunchPlan plan = golden();
  plan.args.emplace_back(kMaxPlan, 'x');
  expect_refused(format_plan(plan), "over 1 MiB");
}

}  // namespace
}  // namespace sifguard
