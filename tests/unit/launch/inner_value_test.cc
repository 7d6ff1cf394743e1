// Variables in the spelling in which they arrive. What the runtime makes of it is tested on the
// real one, in tests/cluster.
#include "helper/launch/inner_value.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(InnerValue, LeavesAloneWhatMeansNothing) {
  for (const char* value : {"", "a b", " lead", "-x", "=", "a=b,c:d", "it's", "!!", "one\ntwo\n",
                            "\t", "gr\xc3\xbcn", "{}[]*?;&|<>()#~"}) {
    EXPECT_EQ(inner_value(value), value);
  }
}

TEST(InnerValue, EscapesWhatTheShellReads) {
  EXPECT_EQ(inner_value("$HOME"), "\\$HOME");
  EXPECT_EQ(inner_value("`id`$(id)"), "\\`id\\`\\$(id)");
  EXPECT_EQ(inner_value("\\"), "\\\\");
  EXPECT_EQ(inner_value("\\\n\\"), "\\\\\n\\\\");
}

TEST(InnerValue, HasNoDoubleQuotes) {
  EXPECT_EQ(inner_value("say \"hi\""), "say $(printf '\\042')hi$(printf '\\042')");
  EXPECT_EQ(inner_value("a\"; id; \"$x"),
            "a$(printf '\\042\\073') id$(printf '\\073') $(printf '\\042\\044')x");
  EXPECT_EQ(inner_value("\\\""), "$(printf '\\134\\042')");
}

TEST(InnerValue, PrintsBytesThatAreNoText) {
  EXPECT_EQ(inner_value("caf\xe9"), "caf$(printf '\\351')");
  EXPECT_EQ(inner_value("\xff\xfe\n"), "$(printf '\\377\\376')\n");
  EXPECT_EQ(inner_value("a\r\nb"), "a$(printf '\\015')\nb");
  EXPECT_EQ(inner_value("\xff$'\""), "$(printf '\\377\\044\\047\\042')");
  EXPECT_EQ(inner_value("\xed\xa0\x80"), "$(printf '\\355\\240\\200')");  // half a surrogate pair
}

TEST(InnerDefault, StandsOnlyWhereTheImageSetsNothing) {
  EXPECT_EQ(inner_default("A", "x:/y"), "${A-x:/y}");
  EXPECT_EQ(inner_default("A", ""), "${A-}");
  EXPECT_EQ(inner_default("A", "}$\""), "${A-$(printf '\\175\\044\\042')}");
  EXPECT_EQ(inner_default("A", "a\n"), "${A-a\n}");
}

TEST(IsPassedOn, AllButBytesThatAreNoTextAndTheRuntimesOwnNewline) {
  for (const char* value : {"", "$HOME`id`\\", "a\nb\n", "a\r\nb", "\\u000B", "gr\xc3\xbcn"}) {
    EXPECT_TRUE(is_passed_on(value)) << value;
  }
  for (const char* value : {"\xff", "a\xc3", "\\u000A", "x\\u000Ay"}) {
    EXPECT_FALSE(is_passed_on(value)) << value;
  }
}

}  // namespace
}  // namespace sifguard
