// Legacy statements: the text alone. What they are compared with: verifier_forms_test.cc.
#include "helper/verify/sandbox/legacy.h"

#include <gtest/gtest.h>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

const std::string kHead = "SIFHASH:\n";

TEST(ParseLegacyStatement, TakesDigestsOfTheTypeSOwnLength) {
  for (const auto& [hash, digits] : {std::pair{1, 64}, std::pair{2, 96}, std::pair{3, 128}}) {
    const std::string text(static_cast<std::size_t>(digits), 'a');
    const auto digest = parse_legacy_statement(kHead + text, hash);
    ASSERT_TRUE(digest) << hash;
    EXPECT_EQ(static_cast<int>(digest->algorithm), hash - 1);
    EXPECT_EQ(to_hex(digest->value), text);
    for (int other = 1; other <= 3; ++other) {
      EXPECT_EQ(parse_legacy_statement(kHead + text, other).has_value(), other == hash);
    }
  }
}

TEST(ParseLegacyStatement, CallsOtherTypesWeak) {
  for (const std::int32_t hash : {0, 4, 5, 6, -1, INT32_MAX, INT32_MIN}) {
    const auto digest = parse_legacy_statement(kHead + std::string(64, 'a'), hash);
    ASSERT_FALSE(digest) << hash;
    EXPECT_EQ(digest.error().code(), Code::denied);
  }
}

TEST(ParseLegacyStatement, RefusesEverythingElse) {
  const std::string good(64, 'a');
  ASSERT_TRUE(parse_legacy_statement(kHead + good, 1));
  for (const std::string& text :
       {std::string(), kHead, kHead + good + "\n", kHead + "\n" + good, "SIFHASH:" + good,
        "SIFHASH: \n" + good, "SIFHASH:\r\n" + good, "sifhash:\n" + good, " " + kHead + good,
        kHead + good + " ", kHead + " " + good, kHead + good + "\n" + good, kHead + good.substr(1),
        kHead + good.substr(2), kHead + good + "aa", kHead + std::string(64, 'A'),
        kHead + std::string(64, 'g'), kHead + good.substr(1) + std::string(1, '\0')}) {
    const auto digest = parse_legacy_statement(text, 1);
    ASSERT_FALSE(digest) << text;
    EXPECT_EQ(digest.error().code(), Code::refused) << text;
  }
}

TEST(IsLegacyStatement, LooksAtTheBeginningAlone) {
  EXPECT_TRUE(is_legacy_statement("SIFHASH:\n00"));
  EXPECT_TRUE(is_legacy_statement("SIFHASH:"));  // malformed, but not one of the current form
  EXPECT_FALSE(is_legacy_statement("{\"version\":1}"));
  EXPECT_FALSE(is_legacy_statement("\nSIFHASH:\n00"));
  EXPECT_FALSE(is_legacy_statement("SIFHASH"));
}

}  // namespace
}  // namespace sifguard
