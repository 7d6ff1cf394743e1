// Patterns of images: one form, the one that names have; or refused.
#include "keystore/policy/image_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/policy/overlap.h"
#include "keystore/policy/policy.h"
#include "tests/unit/policy/names.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kHex(64, 'a');

TEST(CanonicalPattern, LeavesPathsAsTheyAre) {
  for (const char* pattern : {"/apps/secure/lolcow*.sif",
                              "/**",
                              "/a/**/b?.sif",
                              "/a/[a-z0-9].sif",
                              "/a/[!x]",
                              "/a/[]]",
                              "/a/[[]",
                              "/a/[a-]",
                              "/a/\xC3\xA9",
                              "/a/.hidden",
                              "/a b/'c\"",
                              "/a/...",
                              "/a/[{]x[}]",
                              "/a/x (1).sif",
                              "/a/[*](x)",
                              "/a/[$]x",
                              "/a/$1",
                              "/a/x$",
                              "/A/B",
                              "/a/x:1",
                              "/a/[|]"}) {
    const auto made = canonical_pattern(pattern);
    ASSERT_TRUE(made) << pattern << ": " << made.error().line();
    EXPECT_EQ(*made, pattern);
  }
}

TEST(CanonicalPattern, GivesUrisTheFormOfNames) {
  const std::pair<std::string, std::string> cases[] = {
      {"oras://h:5000/r/x:1.0", "oras://h:5000/r/x:1.0"},
      {"ORAS://Registry.Example.ORG:443/r/x:1", "oras://registry.example.org/r/x:1"},
      {"oras://r.example.org./x:*", "oras://r.example.org/x:*"},
      {"oras://*.Example.org:443/**", "oras://*.example.org/**"},
      {"oras://**", "oras://**"},
      {"oras://*/site/**", "oras://*/site/**"},
      {"oras://[::1]:5000/**", "oras://[[]::1]:5000/**"},
      {"oras://[0:0::1]/x:1", "oras://[[]::1]/x:1"},
      {"oras://node[1-9]/x:1", "oras://node[1-9]/x:1"},
      // what is meant without a tag
      {"oras://h/r/x", "oras://h/r/x:latest"},
      {"oras://h/r/x?", "oras://h/r/x?:latest"},
      {"oras://h/r/x*", "oras://h/r/x*"},
      {"oras://h/r/*", "oras://h/r/*"},
      {"oras://h/r/x:v[12]", "oras://h/r/x:v[12]"},
      {"oras://h/r/x@SHA256:" + std::string(64, 'A'), "oras://h/r/x@sha256:" + kHex},
      {"oras://h/r/x:1@sha256:" + kHex, "oras://h/r/x@sha256:" + kHex},
      {"oras://h/r/x@*", "oras://h/r/x@*"},
      {"library://a/b/c", "library://a/b/c:latest"},
      {"library://L.example.org/a/b/c:1", "library://l.example.org/a/b/c:1"},
      {"library://a/b/c@sha256:" + kHex, "library://a/b/c:sha256." + kHex},
      {"library://a/**", "library://a/**"},
      {"library://*/*/*", "library://*/*/*"},
      {"https://*.example.org/**", "https://*.example.org/**"},
      {"https://H/%7ea/x%2a?.sif", "https://h/~a/x[*]?.sif"},
      {"https://h/a%20b*", "https://h/a%20b*"},
      {"https://h/%24HOME/*%28a)", "https://h/[$]HOME/*[(]a)"},
      // a port beside a wildcard
      {"oras://*.h:0443/x:1", "oras://*.h/x:1"},
      {"oras://*.h:05000/x:1", "oras://*.h:5000/x:1"},
      {"oras://*.h.:5000/x:1", "oras://*.h:5000/x:1"},
      {"oras://h:50*/x:1", "oras://h:50*/x:1"},
      {"oras://h[:]5000/x:1", "oras://h[:]5000/x:1"},
      // what a library takes for a digest has no case
      {"library://a/b/c:SHA256." + std::string(64, 'A'), "library://a/b/c:sha256." + kHex},
      {"oras://h/x:SHA256." + std::string(64, 'A'), "oras://h/x:SHA256." + std::string(64, 'A')},
      // sets that something in a name can fit
      {"oras://h/r[{a]x:1", "oras://h/r[{a]x:1"},
      {"oras://h/r[!{]x:1", "oras://h/r[!{]x:1"},
      {"oras://h/x[:@]*", "oras://h/x[:@]*"},
      {"oras://h/[A-z]*", "oras://h/[A-z]*"},
      {"library://a/b/[A-Z]*", "library://a/b/[A-Z]*"},
      {"https://h/[A-Z][:]*", "https://h/[A-Z][:]*"},
      {"oras://h/x[:]v1*", "oras://h/x[:]v1*"},
      {"oras://h/x@*6:??*", "oras://h/x@*6:??*"},
      {"library://e.x/a/b/c:1", "library://e.x/a/b/c:1"}};
  for (const auto& [pattern, expected] : cases) {
    const auto made = canonical_pattern(pattern);
    ASSERT_TRUE(made) << pattern << ": " << made.error().line();
    EXPECT_EQ(*made, expected);
    EXPECT_EQ(canonical_pattern(expected).value_or("refused"), expected);
  }
}

TEST(CanonicalPattern, RefusesTheRestAndSaysWhy) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "absolute"},
      {"a.sif", "absolute"},
      {"*", "absolute"},
      {"~/a", "absolute"},
      {" /a", "absolute"},
      {" oras://h/x", "absolute"},
      {"oras:/h/x", "absolute"},
      {"docker://x", "scheme"},
      {"file:///x", "scheme"},
      {"http://x/y", "scheme"},
      {"HTTP://x/y", "scheme"},
      {"/", "empty component"},
      {"/a/", "empty component"},
      {"//a", "empty component"},
      {"/a//b", "empty component"},
      {"oras://", "empty component"},
      {"oras:///x", "empty component"},
      {"oras://h/x/", "empty component"},
      {"/a/../b", "'.' or '..'"},
      {"/./a", "'.' or '..'"},
      {"https://h/%2e%2e/x", "'.' or '..'"},
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
      // other programs' wildcards
      {"/a/{b,c}", "brace"},
      {"/a/x{1..3}", "brace"},
      {"/a/}", "brace"},
      {"oras://h/{a,b}:1", "brace"},
      {"oras://h/a:{1,2}", "brace"},
      {"/a/[[:alpha:]]", "[:class:]"},
      {"/a/[![:digit:]]", "[:class:]"},
      {"/a/@(b|c)", "extended"},
      {"/a/!(b)", "extended"},
      {"/a/+(b)", "extended"},
      {"/a/*(b)", "extended"},
      {"/a/(b|c)", "'|'"},
      {"/home/$USER/a", "variable"},
      // what no canonical name can match
      {"https://u@h/x", "host"},
      {"https://u:p@h/x", "host"},
      {"https://h#/x", "host"},
      {"https://h%2f/x", "host"},
      {"oras://*h_/x", "host"},
      {"oras://h", "host alone"},
      {"oras://*", "host alone"},
      {"oras://127.1/x:1", "IPv4"},
      {"oras://h:x/x:1", "port"},
      {"oras://h/Site/x:1", "repository"},
      {"oras://h/a b/x:1", "repository"},
      {"oras://h/%61/x:1", "repository"},
      {"oras://h/x:", "tag"},
      {"oras://h/x:1:2", "two tags"},
      {"oras://h/x:a b", "tag"},
      {"oras://h/x@sha256:12", "digest"},
      {"oras://h/x@md5:12", "digest"},
      {"library://a/b/c@*", "tag or digest"},
      {"oras://*.h:x/x:1", "port"},
      {"oras://*.h:0/x:1", "port"},
      {"oras://*.h:65536/x:1", "port"},
      {"oras://*:1:2/x:1", "port"},
      {"oras://*.h:0*/x:1", "'0*/x:1'"},
      {"oras://h:[4]43/x:1", "goes on with '/x:1'"},
      {"oras://h:?????[0-9]/x:1", "goes on with"},
      {"oras://h:[7-9]???[0-9]/x:1", "goes on with"},
      {"oras://-*.h/x:1", "goes on with '-*"},
      {"oras://*..h/x:1", "goes on with 'h/"},
      {"oras://*-.h/x:1", "goes on with '.h"},
      {"oras://[_]*/x:1", "goes on with '[_]"},
      {"oras://[[]*]/x:1", "IPv6"},
      {"oras://[[]::*]/x:1", "IPv6"},
      {"oras://h/r[{]a", "goes on with '[{]a"},
      {"oras://h/[A-Z]*", "lower-case"},
      {"oras://h/[A-Z]*/x:1", "lower-case"},
      {"oras://h/r[:]tag", "goes on with ':latest'"},
      {"oras://h/r[/]x", "'['"},
      {"oras://h/[.][.]/x:1", "goes on with"},
      {"oras://h/[.]/x:1", "goes on with"},
      {"oras://h/x:[-]*", "goes on with '[-]"},
      {"oras://h/x:-1", "malformed tag"},
      {"oras://h/x:.1", "malformed tag"},
      {"oras://h/x:" + std::string(129, 'a'), "malformed tag"},
      {"oras://h/x:" + std::string(129, '?'), "goes on with '?'"},
      {"oras://h/x:" + std::string(128, 'a') + "?", "goes on with '?'"},
      {"oras://h/x@[M]*", "goes on with"},
      {"oras://h/x@sha512:*", "goes on with"},
      {"oras://h/*/x:1:*", "goes on with"},
      {"library://a/b/c/d/e:*", "goes on with"},
      {"library://a/b", "goes on with"},
      {"library://a/*", "ends there"},
      {"library://h/a/b/[:]*", "goes on with '[:]"},
      {"https://h/[ ]x", "goes on with '[ ]x'"},
      {"https://h/%25%36%35*", "twice"},
      {"https://h/$user/x", "variable"},
      {"oras://h/$user/x", "variable"},
      {"/a/$user/x", "variable"},
      {"/a/$_/x", "variable"},
      {"/a/$(id)/x", "variable"},
      {"/a/[.]hidden", "goes on with '[.]hidden'"},
      {"/a/[.][.]", "goes on with"},
      {"/a/.[.]", "ends there"},
      {"/a/.[.]/x", "goes on with '/x'"},
      {"https://h/a%2fb", "slash"},
      {"https://h/a b", "encoded"},
      {"https://h/a;x", "';'"},
      {"https://h/a#x", "fragment"}};
  for (const auto& [pattern, why] : cases) {
    const auto made = canonical_pattern(pattern);
    ASSERT_FALSE(made) << pattern << " is " << *made;
    EXPECT_EQ(made.error().code(), Code::usage);
    EXPECT_THAT(made.error().line(), HasSubstr(why)) << pattern;
  }
  EXPECT_FALSE(canonical_pattern("/" + std::string(4095, 'a')));
}

TEST(CanonicalPattern, MatchesWhateverTheNameWasSpelledLike) {
  const std::string pattern = *canonical_pattern("oras://Registry.Example.org:443/site/secret");
  for (const char* typed :
       {"oras://registry.example.org/site/secret:latest", "oras://registry.example.org/site/secret",
        "ORAS://REGISTRY.example.org/site/secret", "oras://registry.example.org:443/site/secret",
        "oras://registry.example.org./site/s%65cret:latest"}) {
    EXPECT_TRUE(matches_image(pattern, test::name(typed))) << typed;
  }
  for (const char* typed :
       {"oras://registry.example.org/site/secret:1", "oras://registry.example.org:444/site/secret",
        "oras://registry.example.org/site/secret2", "oras://example.org/site/secret"}) {
    EXPECT_FALSE(matches_image(pattern, test::name(typed))) << typed;
  }
}

/// Whatever a name has in one place, some wildcard there takes it: no such pattern is refused.
TEST(CanonicalPattern, OfANameWithWildcardsIsTaken) {
  const std::string names[] = {"oras://h-1.example.org:5000/a.b/c_d/e:v1.0-x",
                               "oras://[2001:db8::a]:65535/.x/y@sha256:" + kHex,
                               "library://e-x/Coll.1/Name:sha256." + kHex,
                               "library://l.example.org:442/e.x/c/n:1",
                               "https://h:444/~a/..b/x%20y%25z.sif?q=a/b%2Fc&d",
                               "/apps/.hidden/a b/\xC3\xA9 (1).sif"};
  for (const std::string& name : names) {
    const std::size_t begin = name.starts_with('/') ? 1 : name.find("://") + 3;
    for (std::size_t i = begin; i < name.size(); ++i) {
      if (name[i] == '/' || static_cast<signed char>(name[i]) < 0) continue;
      for (const char* wild : {"?", "*", "[!{]", "[ -~]"}) {
        if (name[i - 1] == '/' && name[i] == '.') continue;
        // Without its mark a tag is none, and "latest" is meant.
        if (name[i] == ':' && name.find('/', i) == std::string::npos) continue;
        const std::string pattern = name.substr(0, i) + wild + name.substr(i + 1);
        const auto made = canonical_pattern(pattern);
        if (made) {
          EXPECT_TRUE(matches_text(*made, name)) << pattern;
        } else {
          EXPECT_THAT(made.error().line(), Not(HasSubstr("matches no image: "))) << pattern;
        }
      }
    }
  }
}

TEST(Reference, OfAPattern) {
  EXPECT_EQ(literal_reference("oras://h/x:latest"), "latest");
  EXPECT_EQ(literal_reference("oras://*/**/x:latest"), "latest");
  EXPECT_EQ(literal_reference("oras://[[]::1]/x[:]y:1"), "1");
  EXPECT_EQ(literal_reference("oras://h/x@sha256:" + kHex), "sha256:" + kHex);
  EXPECT_EQ(literal_reference("library://a/b/c:1"), "1");
  for (const char* none : {"oras://h/x:*", "oras://h/x:v?", "oras://h/*", "oras://**",
                           "oras://h/x@*", "https://h/a:1", "/a:1"}) {
    EXPECT_EQ(literal_reference(none), "") << none;
  }
}

TEST(Reference, OfOneRepositoryMayMeet) {
  const auto meet = [](const char* one, const char* other) {
    EXPECT_EQ(patterns_may_meet(one, other), patterns_may_meet(other, one));
    return patterns_may_meet(one, other);
  };
  EXPECT_TRUE(meet("oras://h/x:1", "oras://h/x:2"));
  EXPECT_TRUE(meet("oras://h/x:1", "oras://h/x@sha256:00"));
  EXPECT_TRUE(meet("oras://h/x:1", "oras://h/x*"));
  EXPECT_TRUE(meet("oras://*/x:1", "oras://h/x:2"));
  EXPECT_TRUE(meet("https://h/a?x=1", "https://h/a"));
  EXPECT_FALSE(meet("oras://h/x:1", "oras://h/xy:1"));
  EXPECT_FALSE(meet("oras://h/x:1", "oras://i/x:1"));
  EXPECT_FALSE(meet("oras://h/x:1", "library://h/x:1"));
  EXPECT_FALSE(meet("/a:1", "/a:2"));
}

}  // namespace
}  // namespace sifguard
