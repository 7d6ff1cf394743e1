// Binds: the forms that are understood, and every source and destination that is not allowed.
#include "helper/launch/bind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sifguard {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kHidden{"/srv/keys", "/local/cache/"};

void expect_bind(const std::string& text, const std::string& normal) {
  const auto bind = parse_bind(text, "/home/alice", kHidden);
  ASSERT_TRUE(bind.has_value()) << text << ": " << bind.error().line();
  EXPECT_EQ(format_bind(*bind), normal) << text;
}

void expect_refused(const std::string& text, const std::string& why) {
  const auto bind = parse_bind(text, "/home/alice", kHidden);
  ASSERT_FALSE(bind.has_value()) << text << " became " << format_bind(*bind);
  EXPECT_EQ(bind.error().code(), Code::usage);
  EXPECT_THAT(bind.error().what(), HasSubstr(why)) << text;
  EXPECT_THAT(bind.error().what(), HasSubstr("bind '")) << "does not say which";
}

TEST(ParseBind, UnderstandsThreeForms) {
  expect_bind("/scratch", "/scratch:/scratch");
  expect_bind("/scratch:/mnt", "/scratch:/mnt");
  expect_bind("/scratch:/mnt:ro", "/scratch:/mnt:ro");
  expect_bind("/scratch:/mnt:rw", "/scratch:/mnt");
}

TEST(ParseBind, NormalizesBothSides) {
  expect_bind("//scratch/./a//b/:/mnt//x/.", "/scratch/a/b:/mnt/x");
}

TEST(ParseBind, ResolvesARelativeSource) {
  expect_bind("data:/mnt", "/home/alice/data:/mnt");
  expect_bind("./data", "/home/alice/data:/home/alice/data");
}

TEST(ParseBind, KeepsOddButHarmlessNames) {
  expect_bind("/a b:/c d", "/a b:/c d");
  expect_bind("/$(id)`id`\"';&|", "/$(id)`id`\"';&|:/$(id)`id`\"';&|");
  expect_bind("/--contain", "/--contain:/--contain");
  expect_bind("/\xff\xfe", "/\xff\xfe:/\xff\xfe");
}

TEST(ParseBind, ComparesWholeComponents) {
  expect_bind("/x:/process", "/x:/process");
  expect_bind("/x:/device/dev", "/x:/device/dev");
  expect_bind("/x:/run/sifguardian", "/x:/run/sifguardian");
  expect_bind("/run/sifguard2:/y", "/run/sifguard2:/y");
  expect_bind("/srv/keys2:/y", "/srv/keys2:/y");
}

TEST(ParseBind, RefusesARelativeSourceWithoutADirectory) {
  for (const std::string_view cwd : {"", "relative"}) {
    const auto bind = parse_bind("data", cwd, {});
    ASSERT_FALSE(bind.has_value());
    EXPECT_THAT(bind.error().what(), HasSubstr("not an absolute path"));
  }
  EXPECT_FALSE(parse_bind("data", "/a\nb", {}).has_value());
  EXPECT_TRUE(parse_bind("/data", "/a\nb", {}).has_value());
}

TEST(ParseBind, TakesCommaColonAndBackslashEscaped) {
  const auto bind = parse_bind("/a\\,b\\:c\\\\d:/e\\:f:ro", "/", {});
  ASSERT_TRUE(bind.has_value()) << bind.error().line();
  EXPECT_EQ(bind->source, "/a,b:c\\d");
  EXPECT_EQ(bind->destination, "/e:f");
  EXPECT_TRUE(bind->read_only);
  expect_bind("/a\\,b\\:c\\\\d:/e\\:f:ro", "/a\\,b\\:c\\\\d:/e\\:f:ro");
  expect_bind("/t\\:1", "/t\\:1:/t\\:1");
  expect_refused("/x:/proc\\", "a backslash stands before");
  expect_refused("/run/sifguard/\\,:/mnt", "belongs to sifguard");
}

TEST(ParseBind, TakesAJobsDirectoryOfAnyName) {
  for (const std::string_view cwd : {"/a:b", "/a,b", "/a\\b"}) {
    const auto bind = parse_bind("data:/mnt", cwd, {});
    ASSERT_TRUE(bind.has_value()) << cwd;
    EXPECT_EQ(bind->source, std::string(cwd) + "/data");
    EXPECT_EQ(bind->destination, "/mnt");
  }
}

TEST(MountArgument, IsALineOfCommaSeparatedValues) {
  EXPECT_EQ(mount_argument({"/a", "/b", false}), "type=bind,source=/a,destination=/b");
  EXPECT_EQ(mount_argument({"/a", "/b", true}), "type=bind,source=/a,destination=/b,ro");
  EXPECT_EQ(mount_argument({"/a,ro", "/b:ro", false}),
            "type=bind,\"source=/a,ro\",destination=/b:ro");
  EXPECT_EQ(mount_argument({"/a\"b", "/c,\"d", true}),
            "type=bind,\"source=/a\"\"b\",\"destination=/c,\"\"d\",ro");
}

TEST(ParseBind, RefusesWhatTheRuntimeWouldReadOtherwise) {
  expect_refused("/a,/b", "a comma");
  expect_refused("/a\\n:/b", "a backslash stands before");
  expect_refused("/a\\", "a backslash stands before");
  expect_refused("/a\n/b", "control character");
  expect_refused("/a\x7f", "control character");
  expect_refused(std::string("/a\0b", 4), "control character");
  expect_refused("/a:/b:ro:x", "too many colons");
}

TEST(ParseBind, RefusesMissingParts) {
  expect_refused("", "source is missing");
  expect_refused(":", "source is missing");
  expect_refused(":/mnt", "source is missing");
  expect_refused("/a:", "destination is not an absolute path");
  expect_refused("/a::ro", "destination is not an absolute path");
  expect_refused("/a:mnt", "destination is not an absolute path");
  expect_refused("/a:ro", "destination is not an absolute path");
}

TEST(ParseBind, RefusesUnknownModes) {
  for (const char* mode : {"", "RO", "r", "ro ", "nosuid", "image-src=/"}) {
    expect_refused(std::string("/a:/b:") + mode, "unknown mode");
  }
}

TEST(ParseBind, RefusesParentComponents) {
  expect_refused("/a/../run/sifguard/job:/mnt", "'..' in the source");
  expect_refused("..", "'..' in the source");
  expect_refused("/a:/b/../proc", "'..' in the destination");
}

TEST(ParseBind, RefusesProtectedDestinations) {
  expect_refused("/x:/", "cannot be /");
  expect_refused("/x://.", "cannot be /");
  expect_refused("/", "contains /run/sifguard");
  for (const std::string directory : {"/proc", "/sys", "/dev", "/run/sifguard", "/.singularity.d",
                                      "/singularity", "/etc/sifguard", "/var/lib/sifguard"}) {
    expect_refused("/x:" + directory, "cannot be in " + directory);
    expect_refused("/x:" + directory + "/", "cannot be in " + directory);
    expect_refused("/x:/." + directory + "//deep/er", "cannot be in " + directory);
    expect_refused("/x:" + directory + "/a:ro", "cannot be in " + directory);
  }
  expect_refused("/dev/shm", "cannot be in /dev");  // the default destination is checked too
}

TEST(ParseBind, RefusesSourcesOfOurs) {
  for (const std::string source : {"/run/sifguard", "/run/sifguard/job/key.pem", "/run//sifguard/.",
                                   "/srv/keys", "/srv/keys/a", "/local/cache", "/local/cache/x",
                                   "/var/lib/sifguard/keystore/keys", "/var/cache/sifguard"}) {
    expect_refused(source + ":/mnt", "belongs to sifguard");
  }
  expect_refused("/run:/mnt", "contains /run/sifguard");
  expect_refused("/:/mnt", "contains /run/sifguard");
}

TEST(ParseBind, RefusesARelativeSourceThatLeadsToOurs) {
  const auto bind = parse_bind("job:/mnt", "/run/sifguard", {});
  ASSERT_FALSE(bind.has_value());
  EXPECT_THAT(bind.error().what(), HasSubstr("belongs to sifguard"));
}

TEST(ParseBind, QuotesTheBindPrintably) {
  expect_refused("/a\x1b[31m", "\\x1b");
}

TEST(NormalizePath, RemovesWhatMeansNothing) {
  EXPECT_EQ(normalize_path("/"), "/");
  EXPECT_EQ(normalize_path("//a/./b/"), "/a/b");
  EXPECT_EQ(normalize_path("/a/../../b"), "/b");
  EXPECT_EQ(normalize_path("/..."), "/...");
}

TEST(IsAtOrUnder, LooksAtComponents) {
  EXPECT_TRUE(is_at_or_under("/a", "/a"));
  EXPECT_TRUE(is_at_or_under("/a/b", "/a"));
  EXPECT_TRUE(is_at_or_under("/a", "/"));
  EXPECT_FALSE(is_at_or_under("/ab", "/a"));
  EXPECT_FALSE(is_at_or_under("/", "/a"));
}

}  // namespace
}  // namespace sifguard
