#include "helper/pull/image_uri.h"

#include <gtest/gtest.h>

#include <string>

namespace sifguard {
namespace {

using Kind = ImageUri::Kind;

TEST(ParseImageUri, TakesRegistriesApart) {
  const auto uri = parse_image_uri("oras://registry.example.org:5000/site/tools/lolcow:0.0.1");
  ASSERT_TRUE(uri) << uri.error().line();
  EXPECT_EQ(uri->kind, Kind::oras);
  EXPECT_EQ(uri->host, "registry.example.org:5000");
  EXPECT_EQ(uri->path, "site/tools/lolcow");
  EXPECT_EQ(uri->reference, "0.0.1");
  EXPECT_EQ(parse_image_uri("oras://r/a")->reference, "latest");
  const std::string digest = "sha256:" + std::string(64, 'a');
  const auto pinned = parse_image_uri("oras://r/a/b@" + digest);
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->path, "a/b");
  EXPECT_EQ(pinned->reference, digest);
}

TEST(ParseImageUri, TakesLibrariesApart) {
  const auto usual = parse_image_uri("library://lolcow/tests/signed:1.0");
  ASSERT_TRUE(usual) << usual.error().line();
  EXPECT_EQ(usual->kind, Kind::library);
  EXPECT_EQ(usual->host, "");
  EXPECT_EQ(usual->path, "lolcow/tests/signed");
  EXPECT_EQ(usual->reference, "1.0");
  const auto own = parse_image_uri("library://library.example.org/a/b/c");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->host, "library.example.org");
  EXPECT_EQ(own->path, "a/b/c");
  EXPECT_EQ(own->reference, "latest");
}

TEST(ParseImageUri, TakesWebAddresses) {
  const auto uri = parse_image_uri("https://www.example.org/a/b.sif?x=1");
  ASSERT_TRUE(uri) << uri.error().line();
  EXPECT_EQ(uri->kind, Kind::https);
  EXPECT_EQ(uri->host, "www.example.org");
  EXPECT_EQ(uri->path, "a/b.sif?x=1");
}

TEST(ParseImageUri, RefusesWhatIsMalformed) {
  for (const std::string text : {"",
                                 "oras:",
                                 "oras://",
                                 "oras://host",
                                 "oras://host/",
                                 "oras:///a",
                                 "oras://host//a",
                                 "oras://host/a/../b",
                                 "oras://host/./a",
                                 "oras://host/a:",
                                 "oras://host/a@sha256:12",
                                 "oras://host/a@md5:aa",
                                 "oras://ho st/a",
                                 "oras://user@host/a",
                                 "oras://host:/a",
                                 "oras://host:123456/a",
                                 "oras://host:x/a",
                                 "oras://-host/a",
                                 "oras://host/a b",
                                 "oras://host/a?b",
                                 "oras://host/a#b",
                                 "oras://host/a:b:c",
                                 "oras://host/a:-b",
                                 "oras://host/a\nb",
                                 "library://a/b",
                                 "library://a/b/c/d",
                                 "library://a//c",
                                 "library://host.org/a/b",
                                 "https://",
                                 "https://host",
                                 "https://host/",
                                 "https://ho\"st/a",
                                 "https://host/a b",
                                 "https://host/a#b",
                                 "https://host/a\\b",
                                 "https://u:p@host/a"}) {
    const auto uri = parse_image_uri(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code(), Code::usage) << text;
  }
  EXPECT_FALSE(parse_image_uri("oras://host/" + std::string(3000, 'a')));
}

TEST(ParseImageUri, SaysWhatToDoAboutOtherSchemes) {
  const auto docker = parse_image_uri("docker://debian:12");
  ASSERT_FALSE(docker);
  EXPECT_NE(docker.error().line().find("is no SIF"), std::string::npos);
  EXPECT_NE(docker.error().line().find("apptainer build image.sif docker://debian:12"),
            std::string::npos);
  for (const std::string text : {"http://host/a.sif", "file:///etc/passwd", "shub://a/b",
                                 "ftp://host/a", "ORAS://host/a", "javascript://x/y"}) {
    const auto uri = parse_image_uri(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_NE(uri.error().line().find("use a path, oras://"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace sifguard
