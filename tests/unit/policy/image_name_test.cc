// Names of images.
#include "keystore/policy/image_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/policy/image_pattern.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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
                                                       {".", "/home/u"},
                                                       {"/a/..b/...", "/a/..b/..."},
                                                       {"x/../y z", "/home/u/y z"},
                                                       {"~/a", "/home/u/~/a"},
                                                       {"./oras://h/r", "/home/u/oras:/h/r"},
                                                       {"://h", "/home/u/:/h"},
                                                       {"a\nb", "/home/u/a\nb"}};
  for (const auto& [typed, expected] : cases) {
    const auto name = ImageName::of("/home/u/", typed);
    ASSERT_TRUE(name) << typed;
    EXPECT_EQ(name->text(), expected) << typed;
  }
}

TEST(ImageNameTest, ResolvesACwdThatIsNotNormal) {
  EXPECT_EQ(ImageName::of("/x/./y//../z", "b.sif")->text(), "/x/z/b.sif");
}

TEST(ImageNameTest, GivesUrisTheirOneForm) {
  EXPECT_EQ(ImageName::of("", "ORAS://H:443/r/x")->text(), "oras://h/r/x:latest");
  EXPECT_NE(ImageName::of("", "oras://h/x")->uri(), nullptr);
  EXPECT_EQ(ImageName::of("", "/h/x")->uri(), nullptr);
}

TEST(ImageNameTest, TakesNoUriForAPath) {
  for (const char* typed :
       {"file:///x", "docker://x", "oci:x", "oras:/x", "oras:x", "Oras:/x", " oras://h/x",
        "https:/h/x", "unknown:/x", "a+b-c.1://x", "library://a/b/../c", "https://h//x?y#z"}) {
    const auto name = ImageName::of("/home/u", typed);
    ASSERT_FALSE(name) << typed << " is " << name->text();
    EXPECT_EQ(name.error().code(), Code::usage) << typed;
  }
}

TEST(ImageNameTest, RefusesQueriesThatNoPatternMatches) {
  for (const char* query : {"a/", "/", "a//b", "a/.", "a/../b", "a/./b"}) {
    const auto name = ImageName::of("/", std::string("https://h/x?") + query);
    ASSERT_FALSE(name) << query;
    EXPECT_NE(name.error().what().find("slash of its query"), std::string::npos) << query;
  }
  for (const char* query : {"a/b", "a%2F", "a/.b", "a/b=c&d=e/f"}) {
    const auto name = ImageName::of("/", std::string("https://h/x?") + query);
    ASSERT_TRUE(name) << query;
    EXPECT_TRUE(matches_image(escaped_pattern(name->text()), *name)) << query;
  }
}

TEST(ImageNameTest, RefusesTheRootDirectory) {
  for (const char* typed : {"/", "//", "/..", "/.", "../..", "/a/.."}) {
    const auto name = ImageName::of("/home/u", typed);
    ASSERT_FALSE(name) << typed;
    EXPECT_EQ(name.error().code(), Code::usage) << typed;
    EXPECT_NE(name.error().what().find("root directory"), std::string::npos) << typed;
  }
}

TEST(ImageNameTest, RefusesEmptyRelativeWithoutCwdNulAndTooLong) {
  for (const char* cwd : {"", "home", "./x"}) {
    const auto name = ImageName::of(cwd, "b.sif");
    ASSERT_FALSE(name) << cwd;
    EXPECT_EQ(name.error().code(), Code::usage);
  }
  EXPECT_FALSE(ImageName::of("/", ""));
  EXPECT_FALSE(ImageName::of("/", std::string_view("a\0b", 3)));
  EXPECT_TRUE(ImageName::of("/", std::string(4094, 'a')));
  EXPECT_FALSE(ImageName::of("/", std::string(4095, 'a')));
  EXPECT_FALSE(ImageName::of("/", "oras://" + std::string(4090, 'a')));
}

TEST(ImageNameTest, NamesBothWaysOfTheUsualLibrary) {
  const auto with =
      ImageName::of("/", "library://Library.example.org/a/b/c", "library.example.org");
  const auto without = ImageName::of("/", "library://a/b/c:latest", "library.example.org:443");
  ASSERT_TRUE(with && without);
  EXPECT_EQ(*with, *without);
  EXPECT_EQ(with->text(), "library://library.example.org/a/b/c:latest");
  EXPECT_EQ(ImageName::of("/", "library://a/b/c")->text(),
            "library://library.sylabs.io/a/b/c:latest");
  const ImageNames names = names_of(*with, "library.example.org");
  ASSERT_EQ(names.known.size(), 2U);
  EXPECT_EQ(names.known[1].text(), "library://a/b/c:latest");
  EXPECT_EQ(names_of(*with, "library.sylabs.io").known.size(), 1U);
}

TEST(ImageNameTest, ARepositoryMayHaveItUnderAnyReference) {
  const auto of = [](const char* typed) { return names_of(ImageName::of("/", typed).value()); };
  EXPECT_THAT(of("/a").possible, IsEmpty());
  EXPECT_THAT(of("oras://h/x:1").possible, ElementsAre("oras://h/x[:@]*"));
  EXPECT_THAT(of("https://h/a*").possible, ElementsAre("https://h/a[*][?]*"));
  EXPECT_THAT(of("https://h/a?x").possible, ElementsAre("https://h/a", "https://h/a[?]*"));
  const auto unasked = [](const char* typed) {
    return names_unasked(ImageName::of("/", typed).value()).possible;
  };
  EXPECT_THAT(unasked("oras://h/x:1"), ElementsAre("oras://h/x@sha256:*"));
  const std::string digest = "oras://h/x@sha256:" + std::string(64, '0');
  EXPECT_THAT(unasked(digest.c_str()), ElementsAre("oras://h/x[:@]*"));
}

}  // namespace
}  // namespace sifguard
