#include "keystore/base/text.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

TEST(Text, HexGoesBothWays) {
  EXPECT_EQ(to_hex(as_bytes(std::string_view("\x00\xff\x1a", 3))), "00ff1a");
  EXPECT_EQ(from_hex("00FF1a")->size(), 3U);
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(from_hex(" 00"));
}

TEST(Text, PrintableKeepsOrdinaryText) {
  EXPECT_EQ(printable("/apps/müller 日本 $(x) 'q'"), "/apps/müller 日本 $(x) 'q'");
}

TEST(Text, PrintableDefusesWhatCouldForgeALine) {
  EXPECT_EQ(printable("a\nb"), "a\\x0ab");
  EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(printable("\\x0a"), "\\x5cx0a");       // cannot imitate an escape
  EXPECT_EQ(printable("\xC2\x9B"), "\\xc2\\x9b");  // C1 control
  EXPECT_EQ(printable("\xE2\x80\xAE"
                      "fdp.sif"),
            "\\xe2\\x80\\xaefdp.sif");  // right-to-left
  EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(printable("\x7f"), "\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(Text, PrintableIsBounded) {
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(Text, Utf8) {
  EXPECT_TRUE(is_utf8("añ日𝄞"));
  EXPECT_TRUE(is_utf8(""));
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xE2\x82"));          // cut
  EXPECT_FALSE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(Text, NamesAreShortAndPlain) {
  EXPECT_TRUE(is_name("lolcow-1.2_b"));
  for (const char* bad : {"", ".", "..", ".hidden", "-rf", "a/b", "a b", "a\n", "ä"}) {
    EXPECT_FALSE(is_name(bad)) << bad;
  }
  EXPECT_FALSE(is_name(std::string(65, 'a')));
}

TEST(Text, FingerprintsAreFull) {
  const std::string full = "000123000123000123000123000123000123ABCD";
  EXPECT_EQ(normalize_fingerprint("0001 2300 0123 0001 2300  0123 0001 2300 0123 abcd"), full);
  EXPECT_EQ(normalize_fingerprint("0x" + full), full);
  for (const char* bad :
       {"", "0123ABCD", "0x000123000123000123000123000123000123ABC",
        "000123000123000123000123000123000123ABCDE", "000123000123000123000123000123000123ABCG"}) {
    auto result = normalize_fingerprint(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().code(), Code::usage);
  }
}

TEST(Text, Times) {
  EXPECT_EQ(format_utc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_utc_ms(1767225599042), "2025-12-31T23:59:59.042Z");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
}

}  // namespace
}  // namespace sifguard
