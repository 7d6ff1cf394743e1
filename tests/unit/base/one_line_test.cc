#include "keystore/base/one_line.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(OneLine, BackslashesStayAndNothingElseThatPrintableEscapes) {
  EXPECT_EQ(one_line("CN=J\\C3\\B6rg,O=A\\, B"), "CN=J\\C3\\B6rg,O=A\\, B");
  EXPECT_EQ(one_line("\\"), "\\");
  EXPECT_EQ(one_line("\\\\x\\"), "\\\\x\\");
  EXPECT_EQ(one_line(""), "");
  EXPECT_EQ(one_line("müller"), "müller");
  EXPECT_EQ(one_line("a\nb\\\x1b[31m"), "a\\x0ab\\\\x1b[31m");
  EXPECT_EQ(one_line("\xff\\"), "\\xff\\");
  EXPECT_EQ(one_line("abcdef", 3), "abc…");
  EXPECT_EQ(one_line("a\\bü", 4), "a\\b…");
  EXPECT_LE(one_line(std::string(100, '\\'), 50).size(), 53U);
}

}  // namespace
}  // namespace sifguard
