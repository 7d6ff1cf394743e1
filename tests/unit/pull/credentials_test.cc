#include "helper/pull/credentials.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

Result<std::optional<SecretBytes>> look(std::string_view text, std::string_view host = "r:5000") {
  return credentials_in(*SecretBytes::copy_of(as_bytes(text)), host);
}

std::string found(std::string_view text, std::string_view host = "r:5000") {
  const auto pair = look(text, host);
  if (!pair) return "error: " + pair.error().what();
  return *pair ? std::string(as_text((*pair)->bytes())) : "none";
}

TEST(Credentials, AreFoundByHost) {
  // printf 'carol:s3cret' | base64
  constexpr std::string_view kFile =
      R"({"auths": {"other": {"auth": "YTpi"}, "r:5000": {"auth": "Y2Fyb2w6czNjcmV0"}}})";
  EXPECT_EQ(found(kFile), "carol:s3cret");
  EXPECT_EQ(found(kFile, "other"), "a:b");
  EXPECT_EQ(found(kFile, "r"), "none");
  EXPECT_EQ(found(kFile, "r:500"), "none");
  EXPECT_EQ(found(R"({"auths": {"https://r:5000/v1/": {"auth": "YTpi"}}})"), "a:b");
}

TEST(Credentials, OfAnotherKindAreNone) {
  EXPECT_EQ(found("{}"), "none");
  EXPECT_EQ(found(R"({"auths": []})"), "none");
  EXPECT_EQ(found(R"({"auths": {"r:5000": {}}})"), "none");
  EXPECT_EQ(found(R"({"auths": {"r:5000": "YTpi"}})"), "none");
  EXPECT_EQ(found(R"({"auths": {"r:5000": {"auth": 1}}})"), "none");
  EXPECT_EQ(found(R"({"credsStore": "pass"})"), "none");
}

TEST(Credentials, ThatDoNotParseAreAnError) {
  EXPECT_EQ(found(""), "error: not an object of named fields");
  EXPECT_EQ(found("[1]"), "error: not an object of named fields");
  EXPECT_EQ(found("{nonsense}"), "error: not JSON at byte 3");
  EXPECT_EQ(found(R"({"auths": {"r:5000": {"auth": "!!"}}})"),
            "error: has malformed credentials for r:5000");
  EXPECT_EQ(found(R"({"auths": {"r:5000": {"auth": "YWI="}}})"),  // "ab", without a colon
            "error: has malformed credentials for r:5000");
}

/// Two programs would log in as two users.
TEST(Credentials, ThatAreThereTwiceAreAnError) {
  constexpr std::string_view kTwice =
      R"({"auths": {"r:5000": {"auth": "YTpi"}, "r:5000": {"auth": "Y2Fyb2w6czNjcmV0"}}})";
  EXPECT_EQ(found(kTwice), "error: field 'r:5000' is repeated");
  EXPECT_EQ(found("\xEF\xBB\xBF{}"), "error: not an object of named fields");
  EXPECT_EQ(found(R"({"other": )" + std::string(40, '[') + std::string(40, ']') + "}"),
            "error: JSON nested deeper than 32");
}

}  // namespace
}  // namespace sifguard
