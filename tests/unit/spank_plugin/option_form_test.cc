// The form of option values: what a person is told before anything runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "spank_plugin/option_form.h"

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
  EXPECT_THAT(why_not_bind(""), HasSubstr("missing"));
  for (const char* value : {",", "/a,", ",/a", "/a,,/b", ":", ":/b", "/a,:/b"}) {
    EXPECT_THAT(why_not_bind(value), HasSubstr("empty SRC")) << value;
  }
}

TEST(BindForm, RefusesARelativeDestination) {
  for (const char* value : {"/a:b", "/a:", "/a::ro", "/a:ro", "/x,/a:b"}) {
    EXPECT_THAT(why_not_bind(value), HasSubstr("absolute path")) << value;
  }
}

TEST(BindForm, TakesEscapedCommasColonsAndBackslashes) {
  for (const char* value :
       {"/a\\,b", "/a\\:b", "/a\\\\b", "/t\\:1:/c\\,d:ro,/e", "a\\:b:/c", "\\\\:/c"}) {
    EXPECT_EQ(why_not_bind(value), "") << value;
  }
  for (const char* value : {"/a\\b", "/a\\", "/a:/b\\:ro\\", "\\/a", "/a\\\\\\"}) {
    EXPECT_THAT(why_not_bind(value), HasSubstr("a backslash stands before")) << value;
  }
  EXPECT_THAT(why_not_bind("/12:00,a:/data"), HasSubstr("with \\, \\: and \\\\ for a comma"));
}

TEST(TakeEscapedPart, EndsAtASeparatorThatIsOne) {
  std::string_view rest = "a\\,b\\\\,c,";
  EXPECT_EQ(take_escaped_part(rest, ','), "a\\,b\\\\");
  EXPECT_EQ(take_escaped_part(rest, ','), "c");
  EXPECT_EQ(take_escaped_part(rest, ','), "");
  EXPECT_EQ(rest.data(), nullptr);
  rest = "a\\";
  EXPECT_EQ(take_escaped_part(rest, ','), "a\\");
  EXPECT_EQ(rest.data(), nullptr);
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

std::string why_not(const char* (*form)(std::string_view) noexcept, std::string_view value) {
  const char* problem = form(value);
  return problem == nullptr ? "" : problem;
}

TEST(SignerForm, WantsTheWholeFingerprint) {
  const std::string digits = "0123456789abcdefABCDEF0123456789abcdefAB";
  for (const std::string& value :
       std::vector<std::string>{digits, "0123 4567 89ab cdef ABCD  EF01 2345 6789 abcd efAB",
                                "spki:00ff", "x509:subject:CN=carol", "x509:san:email:a@b"}) {
    EXPECT_EQ(why_not(signer_problem, value), "") << value;
  }
  for (const std::string& value :
       std::vector<std::string>{digits.substr(1), digits + "0", "01234567", " ", "abc"}) {
    EXPECT_THAT(why_not(signer_problem, value), HasSubstr("40 hexadecimal")) << value;
  }
  EXPECT_THAT(why_not(signer_problem, ""), HasSubstr("missing"));
  EXPECT_THAT(why_not(signer_problem, "spki:\n"), HasSubstr("control character"));
  EXPECT_THAT(why_not(signer_problem, std::string(4097, 'x')), HasSubstr("over 4096"));
}

TEST(ActionForm, KnowsTwoWords) {
  EXPECT_EQ(why_not(action_problem, "exec"), "");
  EXPECT_EQ(why_not(action_problem, "run"), "");
  for (const char* value : {"", "shell", "Exec", "exec ", "run\n"}) {
    EXPECT_THAT(why_not(action_problem, value), HasSubstr("exec or run")) << value;
  }
}

TEST(WorkdirForm, WantsAnAbsolutePath) {
  EXPECT_EQ(why_not(workdir_problem, "/"), "");
  EXPECT_EQ(why_not(workdir_problem, "/opt/a b:c"), "");
  EXPECT_THAT(why_not(workdir_problem, "work"), HasSubstr("absolute"));
  EXPECT_THAT(why_not(workdir_problem, "--pwd"), HasSubstr("absolute"));
  EXPECT_THAT(why_not(workdir_problem, ""), HasSubstr("missing"));
  EXPECT_THAT(why_not(workdir_problem, "/a\nb"), HasSubstr("control character"));
}

TEST(EnvForm, TakesNamesAndValues) {
  for (const char* value : {"A", "A=", "A=1", "_a9=x y=z", "A,B=1,C", "PATH=/a:/b", "A=$(id)"}) {
    EXPECT_EQ(why_not(env_problem, value), "") << value;
  }
}

TEST(EnvForm, RefusesOtherNames) {
  for (const char* value :
       {",", "A,", "=", "=1", "9=1", "A B=1", "A-B", "A=1,,B", "A=1, B", "\xc3\xa4=1", "A=1,2"}) {
    EXPECT_THAT(why_not(env_problem, value), HasSubstr("a name is letters")) << value;
  }
  EXPECT_THAT(why_not(env_problem, ""), HasSubstr("missing"));
  EXPECT_THAT(why_not(env_problem, "A=\n"), HasSubstr("control character"));
  EXPECT_THAT(why_not(env_problem, "A=" + std::string(4096, 'x')), HasSubstr("over 4096"));
  std::string list = "A";
  for (int i = 1; i < 64; ++i) list += ",A=1";
  EXPECT_EQ(why_not(env_problem, list), "");
  EXPECT_THAT(why_not(env_problem, list + ",A"), HasSubstr("more than 64"));
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
