#include "keystore/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <set>

namespace sifguard {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Code::usage, "odd", "give an even number");
  return n / 2;
}

Result<int> quarter(int n) {
  SG_TRY(const int once, half(n));
  SG_TRY(const int twice, half(once));
  return twice;
}

Status only_even(int n) {
  SG_CHECK(half(n));
  return {};
}

Result<std::unique_ptr<int>> boxed(int n) {
  return std::make_unique<int>(n);
}

TEST(Error, TryPassesValuesOn) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_TRUE(only_even(2));
}

TEST(Error, TryReturnsTheFirstError) {
  auto result = quarter(6);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Code::usage);
  EXPECT_EQ(result.error().line(), "odd; give an even number");
  EXPECT_FALSE(only_even(1));
}

TEST(Error, TryMovesWhatCannotBeCopied) {
  const auto use = []() -> Result<int> {
    SG_TRY(const auto box, boxed(3));
    return *box;
  };
  EXPECT_EQ(use(), 3);
}

TEST(Error, ContextIsPrepended) {
  EXPECT_EQ(Error(Code::config, "line 3: bad").prepend("images.yaml").what(),
            "images.yaml: line 3: bad");
}

TEST(Error, ErrnoIsSpelledOut) {
  const auto error = fail_errno(Code::no_input, "cannot open x", ENOENT).value();
  EXPECT_EQ(error.what(), "cannot open x: No such file or directory");
  EXPECT_EQ(error.exit_status(), 66);
}

TEST(Error, WhatTheSystemLacksHasOneCode) {
  for (const Code code :
       {Code::no_input, Code::internal, Code::temporary, Code::config, Code::cannot_write}) {
    const auto status = [&](int error) { return fail_errno(code, "x", error).value().code(); };
    EXPECT_EQ(status(ENOSPC), Code::temporary);
    EXPECT_EQ(status(EDQUOT), Code::temporary);
    EXPECT_EQ(status(EMFILE), Code::temporary);
    EXPECT_EQ(status(ENOMEM), Code::temporary);
    EXPECT_EQ(status(EFBIG), Code::cannot_write);
    EXPECT_EQ(status(EUCLEAN), Code::internal);
    EXPECT_EQ(status(EROFS), Code::config);
    EXPECT_EQ(status(EIO), Code::internal);
    EXPECT_EQ(status(EACCES), code);
  }
}

TEST(Error, OtherWordsAreOfTheSameTrouble) {
  const auto error = fail_errno(Code::no_input, "cannot open x", EACCES).value();
  const Error other = error.reworded("made, but not told", "look");
  EXPECT_EQ(other.line(), "made, but not told; look");
  EXPECT_EQ(other.code(), Code::no_input);
  EXPECT_EQ(other.error_number(), EACCES);
}

}  // namespace
}  // namespace sifguard
