// What gpg's own words tell of whether it came to a judgement. Pure.
#include "keystore/crypto/gpg_words.h"

#include <gtest/gtest.h>

#include <string>

namespace sifguard {
namespace {

GpgWords said(std::string_view keyword, std::string_view arguments = {}) {
  GpgWords words;
  words.add("NEWSIG", "");
  words.add(keyword, arguments);
  words.add("KEY_CONSIDERED", "B8F7F2D9324308CB926F2CD84C0F416B9E523586 0");
  return words;
}

TEST(GpgWords, AJudgementOfAKeysSignature) {
  for (const char* word : {"GOODSIG", "BADSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"}) {
    EXPECT_TRUE(said(word, "4C0F416B9E523586 alice").judged()) << word;
    EXPECT_TRUE(said(word, "4C0F416B9E523586 alice").had_key()) << word;
    EXPECT_FALSE(said(word, "4C0F416B9E523586 alice").lacked()) << word;
  }
}

TEST(GpgWords, AJudgementWithoutAKey) {
  for (const char* word : {"ERRSIG", "NODATA", "UNEXPECTED"}) {
    EXPECT_TRUE(said(word, "4").judged()) << word;
    EXPECT_FALSE(said(word, "4").had_key()) << word;
  }
}

TEST(GpgWords, WhatIsNoJudgement) {
  EXPECT_FALSE(GpgWords().judged());
  for (const char* word : {"", "NEWSIG", "KEY_CONSIDERED", "SIG_ID", "VALIDSIG", "goodsig",
                           "GOODSIGN", "FAILURE", "PROGRESS", "PLAINTEXT"}) {
    EXPECT_FALSE(said(word, "1").judged()) << word;
    EXPECT_FALSE(said(word, "1").had_key()) << word;
    EXPECT_FALSE(said(word, "1").counted_keys()) << word;
  }
}

TEST(GpgWords, ALackIsToldByItsNumber) {
  const std::string start = "4C0F416B9E523586 22 8 00 1795961773 ";
  EXPECT_TRUE(said("ERRSIG", start + "32854").lacked());  // GPG_ERR_ENOMEM, as gpg writes it
  EXPECT_TRUE(said("ERRSIG", start + "32854 B8F7F2D9324308CB926F2CD84C0F416B9E523586").lacked());
  EXPECT_TRUE(said("ERROR", "add_keyblock_resource 33587291").lacked());  // ENOSPC, seen
  EXPECT_TRUE(said("FAILURE", "verify 33587286").lacked());
  for (const char* other : {"9", "4", "39", "0", "", "x", "32854x", "-1", "99999999999"}) {
    EXPECT_FALSE(said("ERRSIG", start + other).lacked()) << other;
    EXPECT_FALSE(said("FAILURE", std::string("verify ") + other).lacked()) << other;
  }
  EXPECT_FALSE(said("FAILURE", "verify 33554433").lacked());  // a bad signature, seen
  EXPECT_FALSE(said("GOODSIG", "33587286 33587286").lacked());
  EXPECT_FALSE(said("ERRSIG", "32854").lacked());
}

TEST(GpgWords, KeysAreCountedAtTheEnd) {
  EXPECT_TRUE(said("IMPORT_RES", "1 0 0 0 1 0 0 0 0 0 0 0 0 0 0").counted_keys());
  EXPECT_TRUE(said("NODATA", "1").counted_keys());
  EXPECT_FALSE(said("IMPORT_OK", "1 B8F7F2D9324308CB926F2CD84C0F416B9E523586").counted_keys());
}

}  // namespace
}  // namespace sifguard
