#include "helper/pull/challenge.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(ParseChallenge, BearerAsDockerWritesIt) {
  const auto challenge = parse_challenge(
      R"(Bearer realm="https://auth.example.org/token",service="registry.example.org",scope="repository:a/b:pull,push")");
  ASSERT_TRUE(challenge) << challenge.error().line();
  EXPECT_TRUE(challenge->bearer);
  EXPECT_EQ(challenge->parameters.at("realm"), "https://auth.example.org/token");
  EXPECT_EQ(challenge->parameters.at("service"), "registry.example.org");
  EXPECT_EQ(challenge->parameters.at("scope"), "repository:a/b:pull,push");
}

TEST(ParseChallenge, BasicWithAndWithoutRealm) {
  const auto with = parse_challenge(R"(basic  Realm = x)");
  EXPECT_FALSE(with);  // blanks around '=' are not what registries write
  const auto plain = parse_challenge(R"(Basic realm="Registry \"A\", really")");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->bearer);
  EXPECT_EQ(plain->parameters.at("realm"), R"(Registry "A", really)");
  EXPECT_TRUE(parse_challenge("Basic"));
  EXPECT_TRUE(parse_challenge("Bearer realm=token , service=b"));
}

TEST(ParseChallenge, RefusesOthersAndWhatDoesNotParse) {
  for (const std::string text :
       {"", "Digest realm=\"x\"", "Negotiate", "Bearer realm", "Bearer realm=\"x", "Bearer =x",
        "Bearer realm=\"x\\", "Bearer a=1,a=2", "Bearer a=", "Bearer a b=1"}) {
    EXPECT_FALSE(parse_challenge(text)) << text;
  }
  EXPECT_FALSE(parse_challenge("Bearer realm=" + std::string(10000, 'x')));
}

}  // namespace
}  // namespace sifguard
