// matches_text(): whole components, no surprise, no blow-up.
#include <gtest/gtest.h>

#include <ctime>

#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

struct Case {
  const char* pattern;
  const char* image;
};

TEST(MatchTest, Matches) {
  for (const auto& [pattern, image] : {
           Case{"/a/b.sif", "/a/b.sif"},
           {"/a/*.sif", "/a/b.sif"},
           {"/a/*", "/a/b"},
           {"/a/b*", "/a/b"},
           {"/a/*b*c*", "/a/xxbyyczz"},
           {"/a/*ab", "/a/aab"},
           {"/a/*a*b", "/a/aaab"},
           {"/a/?.sif", "/a/x.sif"},
           {"/a/?.sif", "/a/\xC3\xA9.sif"},
           {"/a/[abc].sif", "/a/b.sif"},
           {"/a/[a-c1-3]x", "/a/2x"},
           {"/a/[!a-c]x", "/a/dx"},
           {"/a/[^a]x", "/a/\xC3\xA9x"},
           {"/a/[]x]", "/a/]"},
           {"/a/[[]", "/a/["},
           {"/a/[*]", "/a/*"},
           {"/a/[a-]", "/a/-"},
           {"/**", "/a"},
           {"/**", "/a/b/c"},
           {"/**/c", "/c"},
           {"/**/c", "/a/b/c"},
           {"/a/**/c", "/a/c"},
           {"/a/**/c", "/a/b/b/c"},
           {"/a/**/b/**/c", "/a/x/b/y/b/z/c"},
           {"/a/**", "/a"},
           {"/a/**/**", "/a/b"},
           {"/a/.b/*", "/a/.b/c"},
           {"/**/.b/c", "/a/.b/c"},
           {"/a/.*", "/a/.b"},
           {"/a/...", "/a/..."},
           {"oras://h/r/x:*", "oras://h/r/x:1.0"},
           {"oras://*.example.org/**", "oras://r.example.org/a/b@sha256:00"},
           {"https://h:8443/x.sif", "https://h:8443/x.sif"},
       }) {
    EXPECT_TRUE(matches_text(pattern, image)) << pattern << " " << image;
  }
}

TEST(MatchTest, DoesNotMatch) {
  for (const auto& [pattern, image] : {
           Case{"/a/b.sif", "/a/b.sif2"},
           {"/a/b.sif", "/a/b.si"},
           {"/a/b.sif", "/A/b.sif"},
           {"/scratch", "/scratch2"},
           {"/scratch/*", "/scratch2/x"},
           {"/scratch", "/scratch/x"},
           {"/a/*", "/a/b/c"},
           {"/a/*", "/a"},
           {"/a*", "/a/b"},
           {"/a?b", "/a/b"},
           {"/a[/]b", "/a/b"},
           {"/a[!x]b", "/a/b"},
           {"/a/b*c", "/a/b"},
           {"/a/*c", "/a/cb"},
           {"/a/?", "/a/bb"},
           {"/a/[b]", "/a/c"},
           {"/a/[!b]", "/a/b"},
           {"/a/[!b]", "/a/bb"},
           {"/a/[a-c", "/a/b"},
           {"/a/[!\xC3]", "/a/b/c"},
           {"/a/**/c", "/a/b/d"},
           {"/a/**/c", "/b/c"},
           {"/**/a/c", "/a/b/c"},
           // a leading dot only literally
           {"/a/*", "/a/.b"},
           {"/a/?b", "/a/.b"},
           {"/a/[.]b", "/a/.b"},
           {"/a/[!x]b", "/a/.b"},
           {"/**", "/a/.b"},
           {"/**/c", "/a/.b/c"},
           {"/a/**/c", "/a/.snapshot/x/c"},
           // names that are not normal select nothing
           {"/**", ""},
           {"/**", "/"},
           {"/**", "a"},
           {"/**", "/a/../b"},
           {"/a/*", "/a/.."},
           {"/a/.*", "/a/.."},
           {"/a/.*", "/a/."},
           {"/a/b", "/a//b"},
           {"/a/b", "/a/b/"},
           {"**", "/a"},
           {"", ""},
           {"/", "/"},
           // URIs
           {"/**", "oras://h/r"},
           {"oras://**", "/oras:/h/r"},
           {"oras://h/**", "library://h/r"},
           {"oras://h/*", "oras://h2/r"},
           {"oras://h/*", "oras://h:5000/r"},
           {"oras://h/*", "oras://h/a/b"},
           {"oras://h/**", "oras://h/a/../../x"},
           {"oras://h/**", "oras://h//x"},
           {"oras://h/r", "ORAS://h/r"},
           {"https://*.example.org/**", "https://evil.example/a.example.org/x"},
           {"https://*.example.org/**", "https://evil.example?.example.org/x"},
           {"https://*.example.org/**", "https://evil.example#.example.org/x"},
           {"https://*.example.org/**", "https://evil.example\\.example.org/x"},
           {"https://good.example*/**", "https://good.example@evil.example/x"},
           {"https://good.example*/**", "https://good.example:x@evil.example/x"},
           {"https://*/x", "https://%2fevil/x"},
       }) {
    EXPECT_FALSE(matches_text(pattern, image)) << pattern << " " << image;
  }
}

TEST(MatchTest, NamesWithNulOrBeyondPathMaxMatchNothing) {
  EXPECT_FALSE(matches_text("/a/*", std::string_view("/a/b\0c", 6)));
  EXPECT_TRUE(matches_text("/*", "/" + std::string(4095, 'a')));
  EXPECT_FALSE(matches_text("/*", "/" + std::string(4096, 'a')));
}

TEST(MatchTest, HostilePatternsAndNamesCostLittle) {
  std::string stars = "/";
  for (int i = 0; i < 400; ++i) stars += "*a";
  std::string doubles;
  for (int i = 0; i < 200; ++i) doubles += "/**/a";
  std::string deep;
  for (int i = 0; i < 600; ++i) deep += "/a";
  const std::clock_t start = std::clock();
  EXPECT_FALSE(matches_text(stars + "b", "/" + std::string(1000, 'a')));
  EXPECT_FALSE(matches_text(doubles + "/b", deep));
  EXPECT_TRUE(matches_text(doubles, deep));
  // Milliseconds of the processor in fact; an exponential matcher would outlive us all.
  EXPECT_LT(std::clock() - start, 20 * CLOCKS_PER_SEC);
}

TEST(MatchTest, BytesThatAreNoCharactersStandForThemselves) {
  EXPECT_TRUE(matches_text("/a/[[]?", "/a/[\xA0"));
  EXPECT_TRUE(matches_text("/a/x?", "/a/x\xA0"));
  EXPECT_TRUE(matches_text("/a/x[!a]", "/a/x\xA0"));
  EXPECT_TRUE(matches_text("/a/?", "/a/\xC3\xA9"));
  EXPECT_FALSE(matches_text("/a/?", "/a/x\xA0"));
  EXPECT_FALSE(matches_text("/a/[x]", "/a/x\xA0"));
}

}  // namespace
}  // namespace sifguard
