// A binding as text: the shortest form, each on its own line, everything quoted.
#include <gtest/gtest.h>

#include "keystore/policy/images_edit.h"

namespace sifguard {
namespace {

TEST(FormatBindingTest, WritesOnlyWhatIsSet) {
  Binding b;
  b.name = "a";
  b.match = {"/x\"y\\z"};
  b.signers.any_of = {"F"};
  b.allow.users = std::vector<std::string>{"u"};
  EXPECT_EQ(format_binding(b, 1),
            " - name: \"a\"\n"
            "   match: [\"/x\\\"y\\\\z\"]\n"
            "   signing_key: {fingerprint: \"F\"}\n"
            "   allow: {users: [\"u\"]}\n");
}

TEST(FormatBindingTest, WritesListsOfSigners) {
  Binding b;
  b.signers = {{"F", "G"}, {"H"}, {}};
  EXPECT_NE(format_binding(b, 0).find("signing_key: {any_of: [\"F\", \"G\"], all_of: [\"H\"]}\n"),
            std::string::npos);
  b.signers = {{}, {"H"}, {}};
  EXPECT_NE(format_binding(b, 0).find("signing_key: {all_of: [\"H\"]}\n"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
