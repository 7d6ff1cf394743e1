// Which word was probably meant.
#include "keystore/base/usage_error.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

const std::vector<std::string> kKnown = {"init", "key",    "signer", "node",
                                         "test", "bundle", "image",  "--signer"};

TEST(NearestWord, IsAtMostTwoLettersAway) {
  EXPECT_EQ(nearest_word("nodes", kKnown), "node");
  EXPECT_EQ(nearest_word("singer", kKnown), "signer");
  EXPECT_EQ(nearest_word("sigenr", kKnown), "signer");
  EXPECT_EQ(nearest_word("bundel", kKnown), "bundle");
  EXPECT_EQ(nearest_word("imgae", kKnown), "image");
  EXPECT_EQ(nearest_word("--singer", kKnown), "--signer");
  EXPECT_EQ(nearest_word("key", kKnown), "key");
  EXPECT_EQ(nearest_word("intialise", kKnown), "");
  EXPECT_EQ(nearest_word("frob", kKnown), "");
}

TEST(NearestWord, ShortWordsAreNotAnyShortWord) {
  EXPECT_EQ(nearest_word("", kKnown), "");
  EXPECT_EQ(nearest_word("x", kKnown), "");
  EXPECT_EQ(nearest_word("ab", kKnown), "");
  EXPECT_EQ(nearest_word("kex", kKnown), "key");
}

TEST(NearestWord, WithoutWordsAndForTooLongOnesThereIsNone) {
  EXPECT_EQ(nearest_word("key", {}), "");
  EXPECT_EQ(nearest_word(std::string(100'000, 'k'), kKnown), "");
}

}  // namespace
}  // namespace sifguard
