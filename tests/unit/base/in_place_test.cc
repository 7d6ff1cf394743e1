#include "keystore/base/in_place.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

Status lost() {
  return tl::unexpected(
      in_place(Error(Code::temporary, "cannot make durable x: No space", "wait"), "may be lost"));
}

TEST(InPlace, SaysThatTheChangeIsMade) {
  EXPECT_EQ(lost().error().what(),
            "the change is in place, but may be lost: cannot make durable x: No space");
  EXPECT_EQ(lost().error().remedy(), "wait");
  EXPECT_EQ(lost().error().code(), Code::temporary);
  EXPECT_TRUE(is_made(lost()));
}

TEST(InPlace, SaysItOnceWhateverIsAroundIt) {
  const Error outer = Error(lost().error()).prepend("the keystore");
  EXPECT_TRUE(is_in_place(outer));
  EXPECT_EQ(in_place(outer, "is not recorded").what(), outer.what());
}

TEST(InPlace, AnotherErrorIsOfNothingMade) {
  const Status failed = fail(Code::temporary, "cannot make durable x");
  EXPECT_FALSE(is_made(failed));
  EXPECT_EQ(taken_back(failed).error().what(), "cannot make durable x");
  EXPECT_TRUE(is_made(Status()));
  EXPECT_TRUE(taken_back(Status()));
}

TEST(InPlace, WhatIsTakenBackIsNotInPlace) {
  const Status undone = taken_back(lost());
  EXPECT_FALSE(is_made(undone));
  EXPECT_EQ(undone.error().what(), "cannot make durable x: No space");
  EXPECT_EQ(undone.error().remedy(), "wait");
  const Status outer = tl::unexpected(Error(lost().error()).prepend("the keystore"));
  EXPECT_EQ(taken_back(outer).error().what(), "the keystore: cannot make durable x: No space");
}

}  // namespace
}  // namespace sifguard
