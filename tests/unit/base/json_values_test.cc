#include "keystore/base/json_values.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sifguard {
namespace {

TEST(JsonValues, WhatIsAbsentIsNull) {
  EXPECT_TRUE(utc_or_null(0).is_null());
  EXPECT_TRUE(text_or_null("").is_null());
}

TEST(JsonValues, WhatIsThereIsItself) {
  EXPECT_EQ(utc_or_null(1), "1970-01-01T00:00:01Z");
  EXPECT_EQ(text_or_null("null"), "null");
  EXPECT_EQ(text_or_null(" "), " ");
}

}  // namespace
}  // namespace sifguard
