// The one base64: RFC 4648's vectors, and everything that its encoder would not have written.
#include "keystore/base/base64.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

struct Pair {
  const char* bytes;
  const char* text;
};

// RFC 4648 10.
constexpr Pair kVectors[] = {{"", ""},
                             {"f", "Zg=="},
                             {"fo", "Zm8="},
                             {"foo", "Zm9v"},
                             {"foob", "Zm9vYg=="},
                             {"fooba", "Zm9vYmE="},
                             {"foobar", "Zm9vYmFy"}};

TEST(Base64, EncodesAndDecodesTheVectors) {
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(to_base64(as_bytes(bytes)), text);
    const auto back = from_base64(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, bytes);
  }
  EXPECT_EQ(to_unpadded_base64(as_bytes("f")), "Zg");
  EXPECT_EQ(to_unpadded_base64(as_bytes("foo")), "Zm9v");
}

TEST(Base64, EveryByteComesBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t size = 0; size <= all.size(); ++size) {
    EXPECT_EQ(from_base64(to_base64(as_bytes(all.substr(0, size)))), all.substr(0, size));
  }
}

TEST(Base64, RefusesWhatAnEncoderWouldNotHaveWritten) {
  for (const char* text :
       {"Z",        "Zg",    "Zg=",   "Zg===",    "=",    "==",      "===",      "====",
        "Zg==Zg==", "Z===",  "Zm9v=", "Zm9v====", "=Zm9", "Zm=v",    "Z=9v",     "Zm9v\n",
        " Zm9v",    "Zm 9v", "Zm9-",  "Zm9_",     "Zm9,", "Zm9\x80", "Zm9v Zm9v"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  EXPECT_FALSE(from_base64(std::string_view("Zm9\0", 4)));
  // Bits behind the last byte.
  for (const char* text : {"Zh==", "Zv==", "Z/==", "Zm9=", "Zm+="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base64, OnlyOneTextMeansTheseBytes) {
  constexpr std::string_view kAll =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  int taken = 0;
  for (const char third : kAll) {
    for (const char fourth : kAll) {
      const std::string text = {'Z', 'm', third, fourth};
      const auto bytes = from_base64(text);
      if (!bytes) continue;
      ++taken;
      EXPECT_EQ(to_base64(as_bytes(*bytes)), text);
    }
  }
  EXPECT_EQ(taken, 64 * 64 + 16);  // three bytes; two, of which four bits are in the third digit
}

}  // namespace
}  // namespace sifguard
