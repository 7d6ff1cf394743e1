// One spelling for one image, and none for what servers differ about.
#include "keystore/policy/image_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = ImageUri::Kind;

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;

TEST(ParseImageUri, TakesApart) {
  const auto oras = parse_image_uri("oras://registry.example.org:5000/site/tools/lolcow:0.0.1");
  ASSERT_TRUE(oras) << oras.error().line();
  EXPECT_EQ(oras->kind, Kind::oras);
  EXPECT_EQ(oras->host, "registry.example.org:5000");
  EXPECT_EQ(oras->path, "site/tools/lolcow");
  EXPECT_EQ(oras->reference, "0.0.1");
  EXPECT_EQ(oras->place(), "oras://registry.example.org:5000/site/tools/lolcow");
  EXPECT_FALSE(oras->by_digest());
  const auto usual = parse_image_uri("library://lolcow/tests/signed:1.0");
  ASSERT_TRUE(usual) << usual.error().line();
  EXPECT_EQ(usual->kind, Kind::library);
  EXPECT_EQ(usual->host, "");
  EXPECT_EQ(usual->path, "lolcow/tests/signed");
  const auto https = parse_image_uri("https://www.example.org/a/b.sif?x=1");
  ASSERT_TRUE(https) << https.error().line();
  EXPECT_EQ(https->kind, Kind::https);
  EXPECT_EQ(https->path, "a/b.sif");
  EXPECT_EQ(https->reference, "x=1");
}

TEST(ParseImageUri, HasOneForm) {
  const std::pair<std::string, std::string> cases[] = {
      // scheme, host, port
      {"ORAS://r.example.org/s/x:1", "oras://r.example.org/s/x:1"},
      {"oras://R.Example.ORG/s/x:1", "oras://r.example.org/s/x:1"},
      {"oras://r.example.org./s/x:1", "oras://r.example.org/s/x:1"},
      {"oras://r.example.org:443/s/x:1", "oras://r.example.org/s/x:1"},
      {"oras://r.example.org.:0443/s/x:1", "oras://r.example.org/s/x:1"},
      {"oras://r:05000/s/x:1", "oras://r:5000/s/x:1"},
      {"oras://127.0.0.1:5000/x:1", "oras://127.0.0.1:5000/x:1"},
      {"oras://[::1]:5000/x:1", "oras://[::1]:5000/x:1"},
      {"oras://[0:0:0:0:0:0:0:1]:443/x:1", "oras://[::1]/x:1"},
      {"oras://[2001:DB8::A]/x:1", "oras://[2001:db8::a]/x:1"},
      // tag and digest
      {"oras://r/s/x", "oras://r/s/x:latest"},
      {"oras://r/s/x:latest", "oras://r/s/x:latest"},
      {"oras://r/s/x@" + kDigest, "oras://r/s/x@" + kDigest},
      {"oras://r/s/x:1@" + kDigest, "oras://r/s/x@" + kDigest},
      {"oras://r/s/x@SHA256:" + std::string(64, 'A'), "oras://r/s/x@" + kDigest},
      {"oras://r/s/x:A_b.C-1", "oras://r/s/x:A_b.C-1"},
      {"library://a/b/c", "library://a/b/c:latest"},
      {"library://a/b/c:sha256." + std::string(64, 'A'), "library://a/b/c:sha256." + kHex},
      {"library://a/b/c:SHA256." + std::string(64, 'A'), "library://a/b/c:sha256." + kHex},
      {"library://a/b/c:SHA256.x", "library://a/b/c:SHA256.x"},
      {"oras://r/x:SHA256." + std::string(64, 'A'), "oras://r/x:SHA256." + std::string(64, 'A')},
      {"oras://r/x:sha256." + std::string(64, 'A'), "oras://r/x:sha256." + std::string(64, 'A')},
      {"https://h/100%25", "https://h/100%25"},
      {"https://h/100%25%2d", "https://h/100%25-"},
      {"library://a/b/c@" + kDigest, "library://a/b/c:sha256." + kHex},
      {"library://L.Example.org:443/a/b/c", "library://l.example.org/a/b/c:latest"},
      {"library://localhost/a/b/c:1", "library://localhost/a/b/c:1"},
      // percent-encoding
      {"oras://r/s/%73ecret:l%61test", "oras://r/s/secret:latest"},
      {"https://h/%7Ea/b%2Dc.sif", "https://h/~a/b-c.sif"},
      {"https://h/a%2bb%2Cc.sif", "https://h/a+b,c.sif"},
      {"https://h/a%20b%c3%a9.sif", "https://h/a%20b%C3%A9.sif"},
      {"https://h/a%3fb.sif", "https://h/a%3Fb.sif"},
      {"https://h/a%2A", "https://h/a*"},
      // query
      {"HTTPS://H:443/a.sif?", "https://h/a.sif"},
      {"https://h/a.sif?%78=%2b%2f/?", "https://h/a.sif?x=%2B%2F/?"},
  };
  for (const auto& [typed, expected] : cases) {
    const auto uri = parse_image_uri(typed);
    ASSERT_TRUE(uri) << typed << ": " << uri.error().line();
    EXPECT_EQ(uri->text(), expected) << typed;
    const auto again = parse_image_uri(uri->text());
    ASSERT_TRUE(again) << expected << ": " << again.error().line();
    EXPECT_EQ(again->text(), expected);
  }
}

/// A spelling is refused, or what it means is its own spelling.
TEST(ParseImageUri, IsAFixedPointForEverySpelling) {
  const std::string tokens[] = {"%", "%25", "25", "2", "5",   "%2",  "%36", "%35", "a",
                                "/", "%2f", ".",  "?", "%3f", "%3b", "%2A", "%7E", "sha256."};
  const std::string starts[] = {"oras://H.:0443/r/x:", "oras://h/",  "library://",
                                "library://e/c/",      "https://h/", "https://h/x?"};
  std::size_t taken = 0;
  std::size_t spellings = 0;
  for (const std::string& start : starts) {
    for (const std::string& a : tokens) {
      for (const std::string& b : tokens) {
        for (const std::string& c : tokens) {
          const std::string typed = start + a + b + c;
          ++spellings;
          const auto uri = parse_image_uri(typed);
          if (!uri) continue;
          ++taken;
          const auto again = parse_image_uri(uri->text());
          ASSERT_TRUE(again) << typed << " is " << uri->text() << ": " << again.error().line();
          ASSERT_EQ(again->text(), uri->text()) << typed;
        }
      }
    }
  }
  EXPECT_GT(taken, spellings / 50);
}

TEST(ParseImageUri, AFormThatIsTooLongIsNone) {
  const std::string start = "oras://h/";
  EXPECT_TRUE(parse_image_uri(start + std::string(2048 - start.size() - 7, 'a')));
  EXPECT_FALSE(parse_image_uri(start + std::string(2048 - start.size() - 6, 'a')));
}

TEST(ParseImageUri, RefusesWhatHasNoFormOfItsOwn) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "empty"},
      {" oras://r/x", "blank"},
      {"oras://r/x ", "blank"},
      {"oras://r/x\n", "blank"},
      {"oras:", "no '://'"},
      {"https\x01x://h/x", "no '://'"},
      {"://h/x", "no '://'"},
      {"oras:/r/x", "no '://'"},
      {"oras:r/x", "no '://'"},
      {"https:h/x", "no '://'"},
      {"oras://", "empty host"},
      {"oras://host", "empty component"},
      {"oras://host/", "empty component"},
      {"oras:///a", "empty host"},
      {"oras://host//a", "empty component"},
      {"oras://host/a/", "empty component"},
      {"oras://host/a/../b", "'.' or '..'"},
      {"oras://host/./a", "'.' or '..'"},
      {"oras://host/%2e%2E/a", "'.' or '..'"},
      {"oras://host/a/%2e", "'.' or '..'"},
      {"oras://host/a%2fb", "encoded slash"},
      {"oras://host/a%5Cb", "encoded slash"},
      {"oras://host/a%00", "control"},
      {"oras://host/a%3A1", "repository"},
      {"oras://host/a%40x", "repository"},
      {"oras://host/a%", "'%'"},
      {"oras://host/a%4", "'%'"},
      {"oras://host/a%zz", "'%'"},
      {"oras://host/%2573ecret", "twice"},
      {"https://host/%2573ecret", "twice"},
      {"https://host/%25%37%33ecret", "twice"},
      {"https://host/%257%33ecret", "twice"},
      {"https://host/%25%32%35%37%33", "twice"},
      {"https://host/x?%25%37%33", "twice"},
      {"library://e%2ex/c/n", "ENTITY/COLLECTION/NAME"},
      {"oras://host/Site/a", "capital"},
      {"oras://host/a:", "empty tag"},
      {"oras://host/a:@" + kDigest, "empty tag"},
      {"oras://host/a@sha256:12", "digest"},
      {"oras://host/a@md5:aa", "digest"},
      {"oras://host/a@sha512:" + kHex + kHex, "digest"},
      {"oras://host/a@" + kDigest + "@" + kDigest, "digest"},
      {"oras://ho st/a", "host"},
      {"oras://user@host/a", "'@' in its host"},
      {"oras://user:secret@host/a", "'@' in its host"},
      {"https://u:p@host/a", "'@' in its host"},
      {"https://host@evil/a", "'@' in its host"},
      {"oras://host:/a", "port"},
      {"oras://host:0/a", "port"},
      {"oras://host:65536/a", "port"},
      {"oras://host:123456/a", "port"},
      {"oras://host:x/a", "port"},
      {"oras://host:+1/a", "port"},
      {"oras://-host/a", "host"},
      {"oras://host../a", "host"},
      {"oras://.host/a", "host"},
      {"oras://./a", "host"},
      {"oras://h%6fst/a", "host"},
      {"oras://h\xC3\xB6st/a", "ASCII"},
      {"oras://127.1/a", "IPv4"},
      {"oras://2130706433/a", "IPv4"},
      {"oras://0x7f.0.0.1/a", "IPv4"},
      {"oras://127.0.0.01/a", "IPv4"},
      {"oras://0x7f000001/a", "IPv4"},
      {"oras://[::1/a", "IPv6"},
      {"oras://[::1]5000/a", "IPv6"},
      {"oras://[fe80::1%25eth0]/a", "IPv6"},
      {"oras://[::ffff:127.0.0.1]/a", "IPv4"},
      {"oras://[]/a", "IPv6"},
      {"oras://host/a b", "repository"},
      {"oras://host/a?b", "query"},
      {"oras://host/a:1?b", "query"},
      {"oras://host/a#b", "fragment"},
      {"oras://host/a:b:c", "repository"},
      {"oras://host/a:-b", "tag"},
      {"oras://host/a:" + std::string(129, 'a'), "tag"},
      {"oras://host/a\nb", "repository"},
      {"oras://host/\xC3\xA9", "ASCII"},
      {"library://a/b", "ENTITY"},
      {"library://a", "ENTITY"},
      {"library://h/a/b/c/d", "ENTITY"},
      {"library://a//c", "empty component"},
      {"library:///a/b/c", "host"},
      {"library://host.org/a/b", "ENTITY"},
      {"https://", "empty host"},
      {"https://host", "empty component"},
      {"https://host/", "empty component"},
      {"https://host/a//b", "empty component"},
      {"https://host/a/../b", "'.' or '..'"},
      {"https://host/a/%2e%2e/b", "'.' or '..'"},
      {"https://host/a%2Fb", "encoded slash"},
      {"https://host/a%5cb", "encoded slash"},
      {"https://host/%2573ecret", "twice"},
      {"https://ho\"st/a", "host"},
      {"https://host?x/a", "host"},
      {"https://host/a b", "percent-encoded"},
      {"https://host/a|b", "percent-encoded"},
      {"https://host/a;b=1", "';'"},
      {"https://host/a%3bb", "';'"},
      {"https://host/a#b", "fragment"},
      {"https://host/a?b#c", "fragment"},
      {"https://host/a?%00", "control"},
      {"https://host/a\\b", "percent-encoded"}};
  for (const auto& [text, why] : cases) {
    const auto uri = parse_image_uri(text);
    ASSERT_FALSE(uri) << text << " is " << uri->text();
    EXPECT_EQ(uri.error().code(), Code::usage) << text;
    EXPECT_THAT(uri.error().line(), HasSubstr(why)) << text;
    EXPECT_THAT(uri.error().line(), Not(HasSubstr("secret@"))) << "no password in messages";
  }
  EXPECT_FALSE(parse_image_uri("oras://host/" + std::string(3000, 'a')));
}

TEST(ParseImageUri, SaysWhatToDoAboutOtherSchemes) {
  const auto docker = parse_image_uri("docker://debian:12");
  ASSERT_FALSE(docker);
  EXPECT_THAT(docker.error().line(), HasSubstr("is no SIF"));
  EXPECT_THAT(docker.error().line(), HasSubstr("apptainer build image.sif docker://debian:12"));
  for (const std::string text : {"http://host/a.sif", "file:///etc/passwd", "shub://a/b",
                                 "ftp://host/a", "HTTP://host/a", "javascript://x/y", "sif:x"}) {
    const auto uri = parse_image_uri(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_THAT(uri.error().line(), HasSubstr("use a path, oras://")) << text;
  }
}

TEST(LooksLikeUri, IsWiderThanWhatIsTaken) {
  for (const char* name : {"oras://h/x", "ORAS://h/x", " oras://h/x", "oras:/x", "oras:x",
                           "file:///x", "file:/x", "docker:x", "docker-archive:x.tar", "oci:d:t",
                           "OCI-SIF:x.sif", "unknown://x", "x-y.z+1:/x"}) {
    EXPECT_TRUE(looks_like_uri(name)) << name;
  }
  for (const char* name : {"", "x", "/oras://h/x", "./oras://h/x", "run-12:30.sif", "a:b", "://x",
                           ":", "a/b:/c", "1:/x", "a b:/c"}) {
    EXPECT_FALSE(looks_like_uri(name)) << name;
  }
}

TEST(WithoutPassword, LeavesOutWhatStandsBeforeTheHost) {
  EXPECT_EQ(without_password("https://u:p@h/x@y"), "https://…@h/x@y");
  EXPECT_EQ(without_password("HTTPS://u:p@q@h"), "HTTPS://…@h");
  EXPECT_EQ(without_password("docker://u:p@h/x"), "docker://…@h/x");
  for (const char* same : {"oras://h/x@sha256:00", "/a//b@c/d", "a@b", "", "oras:x@y"}) {
    EXPECT_EQ(without_password(same), same);
  }
}

}  // namespace
}  // namespace sifguard
