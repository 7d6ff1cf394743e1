// Digits as other programs print them.
#include "keystore/base/pasted.h"

#include <gtest/gtest.h>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr const char* kPlain = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";

TEST(Pasted, DropsWhatIsPutAroundDigits) {
  for (const char* const text : {
           "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           "0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           " 0X12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84\n",
           "1204 5C8C 0B10 04D0 58DE  4BED A20C 27EE 7FF7 BA84",
           "12:04:5C:8C:0B:10:04:D0:58:DE:4B:ED:A2:0C:27:EE:7F:F7:BA:84",
           "12-04-5C-8C-0B-10-04-D0-58-DE-4B-ED-A2-0C-27-EE-7F-F7-BA-84",
           "\u200E12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",        // of Windows' dialog
           "12045C8C\u00A00B1004D0\u00A058DE4BEDA20C27EE7FF7BA84",  // of a web page
           "\uFEFF12045C8C0B1004D0\u200B58DE4BEDA20C27EE7FF7BA84\u202C",
           "12045C8C0B1004D0\u201358DE4BEDA20C27EE7FF7BA84",
           "１２０４５Ｃ８Ｃ0B1004D058DE4BEDA20C27EE7FF7BA84",
           "\u200E 0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
       }) {
    EXPECT_EQ(pasted_hex(text), kPlain) << text;
    EXPECT_EQ(normalize_fingerprint(text).value_or("refused"), kPlain) << text;
  }
  EXPECT_EQ(normalize_fingerprint("１２０４５ｃ８ｃ0b1004d058de4beda20c27ee7ff7ba84").value_or(""),
            kPlain);
}

TEST(Pasted, KeepsWhatIsNoFiller) {
  EXPECT_EQ(pasted_hex(""), "");
  EXPECT_EQ(pasted_hex("0x"), "");
  EXPECT_EQ(pasted_hex("00x1"), "00x1");
  EXPECT_EQ(pasted_hex("12, 34"), "12,34");
  EXPECT_EQ(pasted_hex("１２Ｇ"), "12Ｇ");
  EXPECT_EQ(pasted_hex("а1"), "а1");  // Cyrillic
  for (const char* const broken : {"\xe2", "\xe2\x80", "\xff", "\xc2", "1\xe2\x80"}) {
    EXPECT_EQ(pasted_hex(broken), broken);
  }
}

TEST(Pasted, WhatIsNotAWholeFingerprintIsRefused) {
  for (const char* const text :
       {"", "0x", "A20C27EE7FF7BA84", "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA8",
        "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84F",
        "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA8\u0430",
        "0x0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
        "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84,"}) {
    EXPECT_FALSE(normalize_fingerprint(text)) << text;
  }
  const auto newer = normalize_fingerprint(std::string(64, 'A'));
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().remedy().find("version 5 or 6"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
