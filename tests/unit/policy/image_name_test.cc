// Names and patterns of images.
#include "keystore/policy/image_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::HasSubstr;

TEST(ImageNameTest, MakesPathsAbsoluteAndNormal) {
  const std::pair<const char*, const char*> cases[] = {{"/a/b.sif", "/a/b.sif"},
                                                       {"b.sif", "/home/u/b.sif"},
                                                       {"./b.sif", "/home/u/b.sif"},
                                                       {"../b.sif", "/home/b.sif"},
                                                       {"../../b.sif", "/b.sif"},
                                                       {"../../../b.sif", "/b.sif"},
                                                       {"/../a", "/a"},
                                                       {"/a/../../b", "/b"},
                                                       {"//a///b//", "/a/b"},
                                                       {"/a/./b/.", "/a/b"},
                                                       {"/", "/"},
                                                       {"/..", "/"},
                                                       {".", "/home/u"},
                                                       {"/a/..b/...", "/a/..b/..."},
                                                       {"x/../y z", "/home/u/y z"},
                                                       {"~/a", "/home/u/~/a"},
                                                       {"Oras://h/r", "/home/u/Oras:/h/r"},
                                                       {"./oras://h/r", "/home/u/oras:/h/r"},
                                                       {"://h", "/home/u/:/h"},
                                                       {"a\nb", "/home/u/a\nb"}};
  for (const auto& [typed, expected] : cases) {
    const auto name = normalize_image_name("/home/u/", typed);
    ASSERT_TRUE(name) << typed;
    EXPECT_EQ(*name, expected) << typed;
  }
}

TEST(ImageNameTest, ResolvesACwdThatIsNotNormal) {
  EXPECT_EQ(*normalize_image_name("/x/./y//../z", "b.sif"), "/x/z/b.sif");
}

TEST(ImageNameTest, LeavesUrisUntouched) {
  for (const char* uri : {"oras://h:5000/r/x:1.0", "library://a/b/../c", "https://h//x?y#z",
                          "docker://x", "a+b-c.1://x"}) {
    EXPECT_TRUE(is_image_uri(uri)) << uri;
    EXPECT_EQ(*normalize_image_name("", uri), uri);
  }
}

TEST(ImageNameTest, RefusesEmptyRelativeWithoutCwdNulAndTooLong) {
  for (const char* cwd : {"", "home", "./x"}) {
    const auto name = normalize_image_name(cwd, "b.sif");
    ASSERT_FALSE(name) << cwd;
    EXPECT_EQ(name.error().code(), Code::usage);
  }
  EXPECT_FALSE(normalize_image_name("/", ""));
  EXPECT_FALSE(normalize_image_name("/", std::string_view("a\0b", 3)));
  EXPECT_TRUE(normalize_image_name("/", std::string(4094, 'a')));
  EXPECT_FALSE(normalize_image_name("/", std::string(4095, 'a')));
  EXPECT_FALSE(normalize_image_name("/", "oras://" + std::string(4090, 'a')));
}

TEST(ImagePatternTest, TakesPathsAndTheThreeSchemes) {
  for (const char* pattern :
       {"/apps/secure/lolcow*.sif", "/**", "/a/**/b?.sif", "/a/[a-z0-9].sif", "/a/[!x]", "/a/[]]",
        "/a/[[]", "/a/[a-]", "oras://h:5000/r/x:1.0", "library://a/b/c", "https://*.example.org/**",
        "/a/\xC3\xA9", "/a/.hidden", "/a b/'c\"", "/a/..."}) {
    const auto status = check_image_pattern(pattern);
    EXPECT_TRUE(status) << pattern << ": " << (status ? "" : status.error().what());
  }
}

TEST(ImagePatternTest, RefusesTheRestAndSaysWhy) {
  const std::pair<const char*, const char*> cases[] = {{"", "absolute"},
                                                       {"a.sif", "absolute"},
                                                       {"*", "absolute"},
                                                       {"~/a", "absolute"},
                                                       {"docker://x", "scheme"},
                                                       {"file:///x", "scheme"},
                                                       {"http://x/y", "scheme"},
                                                       {"ORAS://x/y", "absolute"},
                                                       {"/", "empty component"},
                                                       {"/a/", "empty component"},
                                                       {"//a", "empty component"},
                                                       {"/a//b", "empty component"},
                                                       {"oras://", "empty component"},
                                                       {"oras:///x", "empty component"},
                                                       {"/a/../b", "'.' or '..'"},
                                                       {"/./a", "'.' or '..'"},
                                                       {"/a/b**", "'**' inside"},
                                                       {"/***", "'**' inside"},
                                                       {"/a/[b", "'['"},
                                                       {"/a/[]", "'['"},
                                                       {"/a/[!]", "'['"},
                                                       {"/a/[b/c]", "'['"},
                                                       {"/a/[z-a]", "backwards"},
                                                       {"/a/[\xC3\xA9]", "ASCII"},
                                                       {"/a/\\*", "backslash"},
                                                       {"/a\nb", "control"},
                                                       {"/a\x7F", "control"},
                                                       {"/a\xFF", "UTF-8"},
                                                       {"https://u@h/x", "host"},
                                                       {"https://h#/x", "host"},
                                                       {"https://h%2f/x", "host"}};
  for (const auto& [pattern, why] : cases) {
    const auto status = check_image_pattern(pattern);
    ASSERT_FALSE(status) << pattern;
    EXPECT_EQ(status.error().code(), Code::usage);
    EXPECT_THAT(status.error().what(), HasSubstr(why)) << pattern;
  }
  EXPECT_FALSE(check_image_pattern("/" + std::string(4095, 'a')));
}

}  // namespace
}  // namespace sifguard
