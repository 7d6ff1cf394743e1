// The form of option values: what a person is told before anything runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "spank_plugin/options.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

std::string why_not_image(std::string_view value) {
  const char* problem = image_problem(value);
  return problem == nullptr ? "" : problem;
}

std::string why_not_bind(std::string_view value) {
  const char* problem = bind_problem(value);
  return problem == nullptr ? "" : problem;
}

TEST(ImageForm, TakesPathsAndUris) {
  for (const char* value : {"/apps/x.sif", "x.sif", "../x.sif", "oras://r.example/x:1", "a b",
                            "/\xff", "--x", "$(id)"}) {
    EXPECT_EQ(why_not_image(value), "") << value;
  }
  EXPECT_EQ(why_not_image(std::string(4096, 'x')), "");
}

TEST(ImageForm, RefusesWhatCannotBeMeant) {
  EXPECT_THAT(why_not_image(""), HasSubstr("missing"));
  EXPECT_THAT(why_not_image(std::string(4097, 'x')), HasSubstr("over 4096"));
  for (const char* value : {"/a\nb", "\n", "/a\r", "/a\tb", "\x1b[1m", "/a\x7f"}) {
    EXPECT_THAT(why_not_image(value), HasSubstr("control character")) << value;
  }
}

TEST(BindForm, TakesLists) {
  for (const char* value :
       {"/a", "/a:/b", "/a:/b:ro", "/a:/b:rw", "a", "./a:/b", "/a,/b:/c:ro,d"}) {
    EXPECT_EQ(why_not_bind(value), "") << value;
  }
}

TEST(BindForm, RefusesEmptyPieces) {
  EXPECT_THAT(why_not_bind(""), HasSubstr("empty"));
  for (const char* value : {",", "/a,", ",/a", "/a,,/b", ":", ":/b", "/a,:/b"}) {
    EXPECT_THAT(why_not_bind(value), HasSubstr("empty SRC")) << value;
  }
}

TEST(BindForm, RefusesARelativeDestination) {
  for (const char* value : {"/a:b", "/a:", "/a::ro", "/a:ro", "/x,/a:b"}) {
    EXPECT_THAT(why_not_bind(value), HasSubstr("absolute path")) << value;
  }
}

TEST(BindForm, RefusesOtherModes) {
  for (const char* value : {"/a:/b:", "/a:/b:RO", "/a:/b:ro:", "/a:/b:ro:x", "/a:/b:nosuid"}) {
    EXPECT_THAT(why_not_bind(value), HasSubstr("only ro or rw")) << value;
  }
}

TEST(BindForm, RefusesControlCharactersAndLength) {
  EXPECT_THAT(why_not_bind("/a\n"), HasSubstr("control character"));
  EXPECT_THAT(why_not_bind("/a:/b\x1b"), HasSubstr("control character"));
  EXPECT_THAT(why_not_bind("/" + std::string(4096, 'x')), HasSubstr("over 4096"));
}

TEST(BindForm, RefusesMoreThanTheRequestHolds) {
  std::string list = "/b";
  for (int i = 1; i < 64; ++i) list += ",/b";
  EXPECT_EQ(why_not_bind(list), "");
  EXPECT_THAT(why_not_bind(list + ",/b"), HasSubstr("more than 64"));
}

TEST(TakePart, TellsAnEmptyRestFromNone) {
  std::string_view rest = "a,";
  EXPECT_EQ(take_part(rest, ','), "a");
  EXPECT_NE(rest.data(), nullptr);
  EXPECT_EQ(take_part(rest, ','), "");
  EXPECT_EQ(rest.data(), nullptr);
}

}  // namespace
}  // namespace sifguard
