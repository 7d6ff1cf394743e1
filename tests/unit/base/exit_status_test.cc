#include "keystore/base/exit_status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <set>
#include <string>

namespace sifguard {
namespace {

int status_of(Code code, int error_number = 0) {
  return command_status(Error(code, "x", "", error_number));
}

TEST(ExitStatus, IsTheOneThatIsDocumented) {
  const std::map<Code, int> documented = {
      {Code::usage, 64},       {Code::refused, 65},   {Code::no_input, 66},    {Code::absent, 66},
      {Code::exists, 73},      {Code::temporary, 75}, {Code::denied, 77},      {Code::config, 78},
      {Code::wrong_state, 79}, {Code::cancelled, 80}, {Code::unavailable, 69}, {Code::internal, 70},
      {Code::cannot_write, 73}};
  EXPECT_EQ(documented.size(), kKindsOfErrors.size());
  for (const auto& [code, status] : documented) EXPECT_EQ(status_of(code), status);
}

TEST(ExitStatus, WhatJobsSeeIsAsItAlwaysWas) {
  const std::map<Code, int> documented = {
      {Code::usage, 64},       {Code::refused, 65},   {Code::no_input, 66},
      {Code::unavailable, 69}, {Code::internal, 70},  {Code::cannot_write, 73},
      {Code::temporary, 75},   {Code::denied, 77},    {Code::config, 78},
      {Code::wrong_state, 64}, {Code::cancelled, 64}, {Code::absent, 78},
      {Code::exists, 64}};
  for (const KindOfError& kind : kKindsOfErrors) {
    EXPECT_EQ(Error(kind.code, "x").exit_status(), documented.at(kind.code)) << kind.name;
    EXPECT_EQ(Error(kind.code, "x", "", EACCES).exit_status(), documented.at(kind.code));
    EXPECT_GE(kind.launch, 64);  // what the plugin takes from the helper
    EXPECT_LE(kind.launch, 78);
  }
}

TEST(ExitStatus, AlsoOfTheSystemHasOneForEachKindOfTrouble) {
  const std::map<int, int> documented = {{EACCES, 77}, {EPERM, 77},  {ENOSPC, 75},  {EDQUOT, 75},
                                         {ENOMEM, 75}, {EMFILE, 75}, {ENFILE, 75},  {EAGAIN, 75},
                                         {EROFS, 78},  {EIO, 70},    {EUCLEAN, 70}, {EFBIG, 73}};
  for (const KindOfError& kind : kKindsOfErrors) {
    for (const auto& [error, status] : documented) {
      EXPECT_EQ(status_of(kind.code, error), status) << error;
    }
    EXPECT_EQ(status_of(kind.code, ENOENT), kind.command);
  }
}

TEST(ExitStatus, OnlyUsageIsUsage) {
  for (const KindOfError& kind : kKindsOfErrors) {
    EXPECT_EQ(kind.command == 64, kind.code == Code::usage) << kind.name;
  }
}

TEST(ExitStatus, NamesAreDistinct) {
  std::set<std::string_view> names;
  for (const KindOfError& kind : kKindsOfErrors) {
    EXPECT_TRUE(names.insert(code_name(kind.code)).second);
  }
}

TEST(ExitStatus, ComesBackFromAProgramThatWasStarted) {
  for (const int status : {64, 65, 66, 69, 70, 73, 75, 77, 78, 79, 80}) {
    const auto code = code_of_command_status(status);
    ASSERT_TRUE(code) << status;
    EXPECT_EQ(command_status(*code), status);
  }
  for (const int status : {64, 65, 66, 69, 70, 73, 75, 77, 78}) {
    const auto code = code_of_launch_status(status);
    ASSERT_TRUE(code) << status;
    EXPECT_EQ(Error(*code, "x").exit_status(), status);
    EXPECT_EQ(static_cast<int>(*code), status);  // none of those that launches do not tell apart
  }
  for (const int status : {0, 1, 2, 63, 67, 76, 128, 255}) {
    EXPECT_FALSE(code_of_command_status(status)) << status;
    EXPECT_FALSE(code_of_launch_status(status)) << status;
  }
}

}  // namespace
}  // namespace sifguard
